// Package uiapp is the logic of the program that the holder uses: applying with the My
// Number Card, the first PIN, login handed over by a browser, use at a reader, PIN
// change and reset, loss, transfer and disposal, with every text in Japanese and
// English. It is the same for all makers and carriers.
//
// It must not know any transport, clock, screen or store: the service is the Server
// interface, the SIM a channel, and the time an argument. PINs and codes are never
// printed. It implements spec/HANDSET.md, section "UI app".
package uiapp
