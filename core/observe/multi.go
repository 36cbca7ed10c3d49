package observe

// Multi returns an Observer that passes every event to each of os, in order.
// Nil ones are dropped: of none it returns nil, so that a model still pays
// nothing, and of one it returns that one.
func Multi(os ...Observer) Observer {
	var live multi
	for _, o := range os {
		switch o := o.(type) {
		case nil:
		case multi:
			live = append(live, o...)
		default:
			live = append(live, o)
		}
	}
	switch len(live) {
	case 0:
		return nil
	case 1:
		return live[0]
	}
	return live
}

type multi []Observer

func (m multi) APDU(e *APDUEvent) {
	for _, o := range m {
		o.APDU(e)
	}
}

func (m multi) Bytecode(e *Step) {
	for _, o := range m {
		o.Bytecode(e)
	}
}

func (m multi) NVM(e *NVMWrite) {
	for _, o := range m {
		o.NVM(e)
	}
}

func (m multi) Line(e *LineByte) {
	for _, o := range m {
		o.Line(e)
	}
}

func (m multi) Trap(e *Trap) {
	for _, o := range m {
		o.Trap(e)
	}
}
