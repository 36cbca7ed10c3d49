package observe

// NoBytecodes is implemented by an Observer that ignores bytecodes: of the kinds of events
// they come most often, and a machine that knows builds none.
type NoBytecodes interface{ NoBytecodes() }

// WantsBytecodes tells whether bytecodes concern an observer, or one of Multi.
func WantsBytecodes(o Observer) bool {
	switch o := o.(type) {
	case nil, NoBytecodes:
		return false
	case multi:
		for _, one := range o {
			if WantsBytecodes(one) {
				return true
			}
		}
		return false
	}
	return true
}
