// Package bare is the smallest card that a package can be tried on: the runtime
// with one issuer security domain over SCP02 or SCP03, test keys, and INSTALL,
// LOAD, DELETE and GET STATUS. Load and Install do the same without any
// command.
//
// It must not know any particular applet. It is a runtime.Platform; security
// domains, delegation and the rest of GlobalPlatform are the card operating
// system's. It implements spec/RUNTIME.md §The bare card.
package bare
