// Package sp is the SP-TSM: it takes applications from UI apps, has the authority
// verify them, has carriers put the application on SIMs, and runs the life of each
// service instance to its erasure.
//
// Everything is one step of the store: what comes in, what it changes, what goes
// out and what the audit trail says of it. A Manager that is opened again goes on
// where the last one stopped.
//
// It must not know names, certificates, telephone numbers or carriers' keys, nor
// how bytes reach a card or a party. What is done on a card is package instance's.
// It implements spec/SP-TSM.md.
package sp
