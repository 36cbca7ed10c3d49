// Package basic is the My Number Card's basic applications as a CAP file: the
// common application and text input support. Their Java Card source is in src;
// the CAP file is built from it with
//
//	go run ./scenarios/cmd/inkan cap build sim/applets/basic/src --out sim/applets/basic/basic.cap
//
// and a test compares the two byte for byte; with -update it writes the file.
//
// It must not know the card that runs it, nor the host that personalises it. It
// implements spec/IDCARD.md. AIDs are in core/jpki/basic.
package basic

import _ "embed"

// CAP is the file, to be loaded.
//
//go:embed basic.cap
var CAP []byte
