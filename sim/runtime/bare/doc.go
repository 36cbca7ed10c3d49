// Package bare is the smallest card that a package can be tried on: the runtime
// with one issuer security domain over SCP02 or SCP03, test keys, INSTALL,
// LOAD, DELETE, GET STATUS, STORE DATA that goes to an applet, and the authority
// as a global service. Load and Install do the same without any command.
//
// It must not know any particular applet. It is a runtime.Platform; security
// domains, delegation and the rest of GlobalPlatform are the card operating
// system's. It implements spec/RUNTIME.md §The bare card.
package bare
