// Package jpki is the JPKI application as a CAP file: the applet that holds the
// keys, certificates and PINs of the public personal authentication service.
// Its Java Card source is in src; the CAP file is built from it with
//
//	go run ./scenarios/cmd/inkan cap build sim/applets/jpki/src --out sim/applets/jpki/jpki.cap
//
// and a test compares the two byte for byte; with -update it writes the file.
//
// It must not know the card that runs it, nor the host that personalises it. It
// implements spec/JPKI-AP.md and spec/PERSO.md. AIDs are in core/jpki.
package jpki

import _ "embed"

// CAP is the file, to be loaded.
//
//go:embed jpki.cap
var CAP []byte
