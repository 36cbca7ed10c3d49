// Package overtheair manages the content of a card by short messages alone: it
// puts commands into scripts, scripts into secured packets, packets into
// concatenated SMS-DELIVERs, and reads what comes back, over a network that
// loses, repeats and reorders messages. A Link is an apdu.Card, so that whatever
// speaks with a security domain goes over the air unchanged.
//
// It must not know how a card works inside: a card is an apdu.Terminal behind a
// handset. It implements the host's side of spec/OTA.md and the sub-command
// "inkan ota".
package overtheair
