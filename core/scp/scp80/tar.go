package scp80

import "encoding/hex"

// TAR is a toolkit application reference: the application on the card that a
// secured packet is for (ETSI TS 101 220 annex D).
type TAR [3]byte

// TARs that the standards assign.
var (
	TARIssuerSD     = TAR{0x00, 0x00, 0x00} // remote application management, issuer security domain
	TARIssuerSDRAM  = TAR{0xB2, 0x01, 0x00} // the same by its other number [U]
	TARFilesUICC    = TAR{0xB0, 0x00, 0x00} // remote file management, UICC shared file system
	TARFilesADF0    = TAR{0xB0, 0x00, 0x01} // remote file management, first ADF by convention [U]
	TARFilesSIM     = TAR{0xB0, 0x00, 0x10} // remote file management, SIM (carriers' convention) [U]
	TARFilesUSIMADF = TAR{0xB0, 0x00, 0x11} // remote file management, USIM (carriers' convention) [U]
)

// Service is what a TAR's range says about the application.
type Service byte

// Services.
const (
	ServiceApplication Service = iota // any application
	ServiceFiles                      // remote file management (RFM)
	ServiceManagement                 // remote application management (RAM)
)

// Service is the service that the standards' ranges assign: B00000 to B0FFFF
// are file management, 000000 and B20100 application management.
// Spec: SPEC-SCP80-008.
func (t TAR) Service() Service {
	switch {
	case t[0] == 0xB0:
		return ServiceFiles
	case t == TARIssuerSD, t == TARIssuerSDRAM:
		return ServiceManagement
	}
	return ServiceApplication
}

// String is the TAR in upper-case hex.
func (t TAR) String() string {
	const digits = "0123456789ABCDEF"
	var out [6]byte
	for i, b := range t {
		out[2*i], out[2*i+1] = digits[b>>4], digits[b&0xF]
	}
	return string(out[:])
}

// ParseTAR reads six hex digits.
func ParseTAR(s string) (t TAR, ok bool) {
	if len(s) != 6 {
		return TAR{}, false
	}
	_, err := hex.Decode(t[:], []byte(s))
	return t, err == nil
}
