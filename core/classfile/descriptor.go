package classfile

import "strings"

// fieldDescriptor is the length of the field descriptor that s begins with; 0
// if it begins with none.
func fieldDescriptor(s string) int {
	dims := 0
	for dims < len(s) && s[dims] == '[' {
		dims++
	}
	if dims == len(s) || dims > 255 {
		return 0
	}
	switch s[dims] {
	case 'B', 'C', 'D', 'F', 'I', 'J', 'S', 'Z':
		return dims + 1
	case 'L':
		if end := strings.IndexByte(s[dims:], ';'); end > 1 {
			return dims + end + 1
		}
	}
	return 0
}

func isFieldDescriptor(s string) bool { return s != "" && fieldDescriptor(s) == len(s) }

// Signature splits a method descriptor into the descriptors of its parameters
// and its result, which may be "V".
func Signature(descriptor string) (params []string, result string, ok bool) {
	s, found := strings.CutPrefix(descriptor, "(")
	if !found {
		return nil, "", false
	}
	for s != "" && s[0] != ')' {
		n := fieldDescriptor(s)
		if n == 0 || len(params) > 255 {
			return nil, "", false
		}
		params, s = append(params, s[:n]), s[n:]
	}
	result, found = strings.CutPrefix(s, ")")
	return params, result, found && (result == "V" || isFieldDescriptor(result))
}
