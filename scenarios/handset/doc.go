// Package handset puts cards of the model into handsets: the access rule application
// with the rules for the UI app, routes of the contactless front end, and the UI app
// with all that it needs of its phone.
//
// It must not decide what a service manager does. It implements what spec/HANDSET.md
// leaves to whoever wires a phone.
package handset
