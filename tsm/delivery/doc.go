// Package delivery brings scripts of a service manager to SIMs: secured packets by
// short messages, one after the other and again until their proofs of receipt are
// there, and commands by the relay of a UI app, which fetches them with a ticket and
// returns the responses. How far a script is stands in rows of tsm/store: a process
// that ends anywhere goes on after Open of the store.
//
// It must not know keys, nor what a packet or a command says: who owns a script tells
// what a proof is worth. It must not know how short messages leave: a Bearer does that.
// It implements spec/DELIVERY.md.
package delivery
