// Package tsmp is the protocol between certificate authority, municipalities, help
// desk, service managers and UI apps: the messages with their JSON form, the signed
// envelope that makes each of them evidence, and a dispatcher for either end.
//
// A Handler takes the bytes of a signed request and gives the bytes of a signed
// answer; a Caller does the opposite. Both run in one process or behind any
// transport. A request is idempotent by its function call identifier: a Journal
// keeps the answers. Names of functions are GlobalPlatform's where it has the
// same function. What a party does is a typed interface, with a Service that serves
// it and a Remote… that calls it: CA and Municipal, Notified, MNO, SPNotified,
// UIAppServer, Relay.
//
// It must not know how an authority or a manager decides, nor any transport,
// store, clock or source of randomness: all are arguments. It implements
// spec/TSM-PROTOCOL.md.
package tsmp
