package tsmp

import "slices"

// Function is the name of a function in messages.
type Function string

// Definition is one function of the protocol.
type Definition struct {
	Function   Function
	Senders    Role // a set
	Recipients Role // a set: who may serve it
	// Request and Answer make zero bodies.
	Request func() Body
	Answer  func() Body
	// Errors are the codes that the function has besides those of any request.
	Errors []Code
}

func body[T any, P interface {
	*T
	Body
}]() Body {
	return P(new(T))
}

// Part is a part of the protocol: a section of the specification.
type Part struct {
	Name        string
	Definitions []Definition
}

var parts = []Part{{"authority", authorityDefinitions}, {"municipality", municipalDefinitions}, {"carrier", carrierDefinitions}, {"app", appDefinitions}}

// Parts are the parts of the protocol, in the order of the specification.
func Parts() []Part { return slices.Clone(parts) }

var definitions = func() (all []Definition) {
	for _, p := range parts {
		all = append(all, p.Definitions...)
	}
	return all
}()

var byName = func() map[Function]Definition {
	index := map[Function]Definition{}
	for _, d := range definitions {
		index[d.Function] = d
	}
	return index
}()

// Definitions are all functions, in the order of the specification.
func Definitions() []Definition { return slices.Clone(definitions) }

// Lookup finds a function.
func Lookup(f Function) (Definition, bool) {
	d, ok := byName[f]
	return d, ok
}

// Polled reports whether a function only reads and is asked again and again, so
// that nothing of its calls is kept. Spec: SPEC-TSM-PROTOCOL-048.
func Polled(f Function) bool { return f == GetProgress || f == FetchScript || f == ReturnResponses }
