// Package post sends a service manager's signed messages to other parties: it puts
// them into the outbox within the step that they belong to, sends them in order
// and as often as needed, and tells the owner within one more step how each
// ended.
//
// It must not know what a message is about, nor any transport: a party is a
// tsmp.Caller. It implements spec/POST.md.
package post
