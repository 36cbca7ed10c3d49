// Package instance is what an SP-TSM does on a card for one service instance: the
// take-over of its domain's keys through the controlling authority, the management of
// content in its domain, and the life of the application there, from its order to its
// erasure. Each is a Program: a value that says what it needs next, commands to the
// domain or a call, takes what came of it, and survives as bytes between the two.
//
// It must not know transports, stores, timers or keys: commands are protected by
// package remote, and keys are blobs of an HSM. It implements spec/INSTANCE.md.
package instance
