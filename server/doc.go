// Package server is the room of what servers share, whichever party runs them:
// the HTTP binding of the protocol between them (package binding) and an ordered
// store (package store). Certificate authority and service managers use it, and
// one another never.
//
// It must not know any party's rules. Its packages say which specs they
// implement.
package server
