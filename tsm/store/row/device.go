package row

import (
	"errors"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/codec"
)

// Device is a handset that a carrier knows.
type Device struct {
	IMEI    string // 14 to 16 digits
	Model   string // of the requirements matrix
	System  string // operating system and version; may be empty
	Lock    string // the carrier that it is locked to; empty: none
	SE      tsmp.SEID
	Seen    time.Time // when it was seen with that SIM
	Content []byte    // what the caller keeps with it; no key
}

// Format implements codec.Row.
func (*Device) Format() string { return "device row" }

// Version implements codec.Row.
func (*Device) Version() byte { return 1 }

// Fields implements codec.Row.
func (d *Device) Fields(f *codec.Fields) {
	codec.Text(f, "IMEI", &d.IMEI)
	codec.Text(f, "model", &d.Model)
	codec.Text(f, "system", &d.System)
	codec.Text(f, "lock", &d.Lock)
	f.Raw("SE", d.SE[:])
	f.Time("seen", &d.Seen)
	f.Bytes("content", &d.Content)
}

// Valid checks what holds of every device.
func (d *Device) Valid() error {
	if (d.SE == tsmp.SEID{}) != d.Seen.IsZero() {
		return errors.New("device: want SIM and the time it was seen, or neither")
	}
	return errors.Join(digits("IMEI", d.IMEI, 14, 16), name("model", d.Model))
}
