// Package usim is the UICC side of the card: the file system of ETSI TS 102 221
// with the files of a USIM (3GPP TS 31.102), PINs, access rules, remote file
// management, and the toolkit session: proactive commands and short messages
// handed to the UICC. A card operating system makes a UICC, boots it with its
// card, and gives it the commands of the applications that UICC.Resident finds.
//
// It must not know security domains, secured packets or any applet: who gets a
// short message is the OTA that it is made with. It implements spec/USIM.md.
package usim
