// Package world is all parties of the model in one process, on simulated time and one
// seed: authority, municipality and help desk, the service managers, carriers with
// their networks, phones with SIMs and UI app, My Number Cards, relying parties and
// readers. They speak to each other by the bytes of the specs: signed messages, short
// messages, commands to cards.
//
// A Watcher sees everything that passes, and a Plan makes things go wrong: messages
// that are lost, doubled, late or forged, processes that die, cards that lose power.
//
// It must not decide anything in a party's place. It plays spec/TSM-PROTOCOL.md,
// spec/HANDSET.md and what they rest on.
package world
