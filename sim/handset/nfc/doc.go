// Package nfc is the contactless front end of a handset as a card: off until the
// holder acts, closed to a screen that is off or locked, with a table that says which
// applications are on the SIM, and one reader at a time.
//
// It must not know what readers and applications say to each other, nor which
// application is whose. It implements spec/HANDSET.md, section "Contactless".
package nfc
