// Package binding makes the API packages in a card's ROM out of the public
// link tokens and the Go functions that rooms of the runtime bind to methods,
// each by class, name and descriptor.
//
// It must not know what any method does. A method that nothing is bound to is
// absent from the tables, so that a package which needs it does not link and
// the link error says its name. It implements spec/RUNTIME.md §API packages.
package binding
