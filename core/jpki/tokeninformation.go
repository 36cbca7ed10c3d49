package jpki

import (
	"bytes"
	"encoding/binary"

	"inkan/core/wire"
)

// TokenInformationLen is the length of EF 0006.
const TokenInformationLen = 160

// TokenInformation is the content of EF 0006: PKCS #11's CK_TOKEN_INFO with
// numbers of four bytes, big-endian. Texts are without the blanks behind them.
type TokenInformation struct {
	Label         string // 32
	Manufacturer  string // 32
	Model         string // 16
	SerialNumber  string // 16
	Flags         uint32
	MaxSessions   uint32
	Sessions      uint32
	MaxRWSessions uint32
	RWSessions    uint32
	MaxPINLen     uint32
	MinPINLen     uint32
	TotalPublic   uint32 // bytes of memory; FFFFFFFF: not told
	FreePublic    uint32
	TotalPrivate  uint32
	FreePrivate   uint32
	Hardware      string // 2, version
	Firmware      string // 2, version
	Time          string // 16
}

// numbers are the fields between serial number and versions, in their order.
func (t *TokenInformation) numbers() [11]*uint32 {
	return [...]*uint32{&t.Flags, &t.MaxSessions, &t.Sessions, &t.MaxRWSessions, &t.RWSessions, &t.MaxPINLen, &t.MinPINLen,
		&t.TotalPublic, &t.FreePublic, &t.TotalPrivate, &t.FreePrivate}
}

// TokenInformationOf is what an application installed with these parameters has
// (spec/JPKI-AP.md §Token information). Spec: SPEC-JPKI-AP-040.
func TokenInformationOf(p *InstallParameters) TokenInformation {
	const untold = 0xFFFFFFFF
	t := TokenInformation{Label: p.Label, Manufacturer: "INKAN", Model: "INKAN-JPKI-01", SerialNumber: "0000000000000000",
		Flags: 0x040D, MaxSessions: 1, MaxRWSessions: 1, MaxPINLen: 4, MinPINLen: 4, TotalPublic: untold, FreePublic: untold,
		TotalPrivate: untold, FreePrivate: untold, Hardware: "03", Firmware: "01", Time: "9999999999999999"}
	if p.Form == FormCard {
		t.MaxPINLen, t.MinPINLen = 16, 6
	}
	return t
}

// Append appends the 160 bytes; a text that is too long is cut.
func (t *TokenInformation) Append(dst []byte) []byte {
	text := func(s string, n int) {
		s = s[:min(len(s), n)]
		dst = append(dst, s...)
		for range n - len(s) {
			dst = append(dst, ' ')
		}
	}
	text(t.Label, 32)
	text(t.Manufacturer, 32)
	text(t.Model, 16)
	text(t.SerialNumber, 16)
	for _, n := range t.numbers() {
		dst = binary.BigEndian.AppendUint32(dst, *n)
	}
	text(t.Hardware, 2)
	text(t.Firmware, 2)
	text(t.Time, 16)
	return dst
}

// DecodeTokenInformation reads the content of EF 0006. Texts are ASCII 20 to
// 7E. Errors are *wire.DecodeError.
func DecodeTokenInformation(b []byte) (TokenInformation, error) {
	r := wire.NewReader("JPKI token information", b)
	text := func(path string, n int) string {
		at := r.Offset()
		v := r.Bytes(n, path)
		for i, c := range v {
			if c < 0x20 || c > 0x7E {
				r.FailAt(at+i, path, "ASCII 20 to 7E", "another byte")
			}
		}
		return string(bytes.TrimRight(v, " "))
	}
	t := TokenInformation{Label: text("label", 32), Manufacturer: text("manufacturer", 32), Model: text("model", 16),
		SerialNumber: text("serial number", 16)}
	for _, n := range t.numbers() {
		if v := r.Bytes(4, "number"); v != nil {
			*n = binary.BigEndian.Uint32(v)
		}
	}
	t.Hardware, t.Firmware, t.Time = text("hardware version", 2), text("firmware version", 2), text("time", 16)
	if err := r.End(); err != nil {
		return TokenInformation{}, err
	}
	return t, nil
}

// Availability is EF 0008: which certificates there are.
type Availability struct{ Sign, Auth bool }

// DecodeAvailability reads EF 0008. Errors are *wire.DecodeError.
// Spec: SPEC-JPKI-AP-041.
func DecodeAvailability(b []byte) (a Availability, err error) {
	r := wire.NewReader("JPKI certificate availability", b)
	flag := func(path string) bool {
		at := r.Offset()
		v := r.Byte(path)
		if r.Err() == nil && v != 0x8F && v != 0 {
			r.FailAt(at, path, "8F or 00", hexByte(v))
		}
		return v == 0x8F
	}
	a.Sign, a.Auth = flag("sign"), flag("auth")
	literal(&r, "end", 0)
	if err := r.End(); err != nil {
		return Availability{}, err
	}
	return a, nil
}
