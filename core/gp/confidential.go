package gp

import (
	"strconv"

	"inkan/core/tlv"
	"inkan/core/wire"
)

// Tags and data groupings of the confidential set-up of keys (GlobalPlatform
// Amendment A; the same template is used by GSMA SGP.02).
const (
	TagConfidentialControl tlv.Tag = 0xA6   // control reference template, key agreement
	TagEphemeralPublicKey  tlv.Tag = 0x7F49 // public key template, holds B0 point and F0 parameters
	TagConfidentialReceipt tlv.Tag = 0x86
	TagDerivationRandom    tlv.Tag = 0x85
	tagCASDSignature       tlv.Tag = 0x5F37

	DGIConfidentialControl uint16 = 0x00A6 // STORE DATA, scenario 3: A6 template
	DGIEphemeralPublicKey  uint16 = 0x7F49 // STORE DATA, scenario 3: provider's ephemeral key
)

// Scenarios of Amendment A, as the value of object 90 names them.
const (
	ScenarioPull       byte = 0x01 // keys are generated on the card, the provider fetches them
	ScenarioPush       byte = 0x02 // keys come enciphered for the controlling authority's domain
	ScenarioKeyAgree   byte = 0x03 // keys are agreed on with an ephemeral EC key
	maxScenarioOptions      = 16
)

// ConfidentialControl is the control reference template A6 that opens a
// confidential key set-up. Spec: SPEC-GP-CONTENT-120.
type ConfidentialControl struct {
	Scenario    byte   // 90, first byte: 01, 02 or 03
	Options     []byte // 90, the rest: scenario parameters
	KeyUsage    []byte // 95: key usage qualifier of the keys
	KeyType     []byte // 80: one byte, a keys.Type
	KeyLength   []byte // 81: length of each key, bytes
	KeyID       []byte // 82: key identifier, where it is given
	KeyVersion  []byte // 83: key version number and identifier
	InitialData []byte // 91: initial value of the counter
	HostID      []byte // 84
	Others
}

const formatConfidential = "confidential set-up"

var confidentialTable = []paramField[ConfidentialControl]{
	{0x90, func(c *ConfidentialControl) ([]byte, error) {
		return append([]byte{c.Scenario}, c.Options...), nil
	}, func(c *ConfidentialControl, value []byte, offset int) error {
		switch {
		case len(value) == 0 || len(value) > 1+maxScenarioOptions:
			return &wire.DecodeError{Format: formatConfidential, Path: "90", Offset: offset, Want: "1 to 17 bytes", Got: strconv.Itoa(len(value))}
		case value[0] < ScenarioPull || value[0] > ScenarioKeyAgree:
			return &wire.DecodeError{Format: formatConfidential, Path: "90", Offset: offset, Want: "scenario 01, 02 or 03", Got: hexByte(value[0])}
		}
		c.Scenario, c.Options = value[0], value[1:]
		return nil
	}},
	bytesField(0x95, func(c *ConfidentialControl) *[]byte { return &c.KeyUsage }),
	bytesField(0x80, func(c *ConfidentialControl) *[]byte { return &c.KeyType }),
	bytesField(0x81, func(c *ConfidentialControl) *[]byte { return &c.KeyLength }),
	bytesField(0x82, func(c *ConfidentialControl) *[]byte { return &c.KeyID }),
	bytesField(0x83, func(c *ConfidentialControl) *[]byte { return &c.KeyVersion }),
	bytesField(0x91, func(c *ConfidentialControl) *[]byte { return &c.InitialData }),
	bytesField(0x84, func(c *ConfidentialControl) *[]byte { return &c.HostID }),
}

// Append appends the template with its tag A6. Spec: SPEC-GP-CONTENT-120.
func (c *ConfidentialControl) Append(dst []byte) ([]byte, error) {
	out, mark := tlv.Begin(dst, TagConfidentialControl)
	out, err := appendParams(out, c, &c.Others, confidentialTable)
	if err != nil {
		return dst, err
	}
	return tlv.End(out, mark), nil
}

// DecodeConfidentialControl reads a template with its tag A6: the content of
// DGI 00A6. Slices are borrowed. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-120, SPEC-GP-CONTENT-121.
func DecodeConfidentialControl(b []byte) (ConfidentialControl, error) {
	value, offset, err := soleObject(b, TagConfidentialControl)
	if err != nil {
		return ConfidentialControl{}, err
	}
	var c ConfidentialControl
	if err := decodeParams(&c, &c.Others, confidentialTable, value, offset, "A6"); err != nil {
		return ConfidentialControl{}, err
	}
	if c.Scenario == 0 {
		return ConfidentialControl{}, &wire.DecodeError{Format: formatConfidential, Path: "A6/90", Offset: len(b), Want: "a scenario", Got: "none"}
	}
	return c, nil
}

// soleObject reads the one object that b has to be.
func soleObject(b []byte, tag tlv.Tag) (value []byte, offset int, err error) {
	r := tlv.NewReader(b)
	if !r.Next() {
		if err := r.Err(); err != nil {
			return nil, 0, err
		}
		return nil, 0, &wire.DecodeError{Format: formatConfidential, Path: tag.String(), Want: "tag " + tag.String(), Got: "end of input"}
	}
	if r.Tag() != tag {
		return nil, 0, r.Fault("tag "+tag.String(), "tag "+r.Tag().String())
	}
	value, offset = r.Value(), r.ValueOffset()
	if r.Next() {
		return nil, 0, r.Fault("end of input", "tag "+r.Tag().String())
	}
	return value, offset, r.Err()
}

// EphemeralPublicKey is the public key template 7F49 { B0 point, F0 parameters }.
type EphemeralPublicKey struct {
	Point      []byte // B0: 04 x y
	Parameters []byte // F0: reference to the curve; nil when it is left out
	Others
}

var ephemeralTable = []paramField[EphemeralPublicKey]{
	bytesField(0xB0, func(k *EphemeralPublicKey) *[]byte { return &k.Point }),
	bytesField(0xF0, func(k *EphemeralPublicKey) *[]byte { return &k.Parameters }),
}

// Append appends the template with its tag 7F49.
func (k *EphemeralPublicKey) Append(dst []byte) ([]byte, error) {
	out, mark := tlv.Begin(dst, TagEphemeralPublicKey)
	out, err := appendParams(out, k, &k.Others, ephemeralTable)
	if err != nil {
		return dst, err
	}
	return tlv.End(out, mark), nil
}

// DecodeEphemeralPublicKey reads a template with its tag 7F49. Whether the
// point is on the curve is for the key agreement to check. Errors are
// *wire.DecodeError. Spec: SPEC-GP-CONTENT-122.
func DecodeEphemeralPublicKey(b []byte) (EphemeralPublicKey, error) {
	value, offset, err := soleObject(b, TagEphemeralPublicKey)
	if err != nil {
		return EphemeralPublicKey{}, err
	}
	var k EphemeralPublicKey
	if err := decodeParams(&k, &k.Others, ephemeralTable, value, offset, "7F49"); err != nil {
		return EphemeralPublicKey{}, err
	}
	if len(k.Point) == 0 || k.Point[0] != 0x04 || len(k.Point)%2 != 1 {
		return EphemeralPublicKey{}, &wire.DecodeError{Format: formatConfidential, Path: "7F49/B0", Offset: offset, Want: "an uncompressed point", Got: strconv.Itoa(len(k.Point)) + " bytes of another form"}
	}
	return k, nil
}

// ConfidentialResponse is the card's answer to the key agreement: 85
// derivation random (when it takes part), 86 receipt, and the signature of the
// controlling authority's domain where it attests.
type ConfidentialResponse struct {
	DerivationRandom []byte // 85
	Receipt          []byte // 86: MAC of the control template with the agreed receipt key
	Signature        []byte // 5F37
	Others
}

var confidentialResponseTable = []paramField[ConfidentialResponse]{
	bytesField(TagDerivationRandom, func(c *ConfidentialResponse) *[]byte { return &c.DerivationRandom }),
	bytesField(TagConfidentialReceipt, func(c *ConfidentialResponse) *[]byte { return &c.Receipt }),
	bytesField(tagCASDSignature, func(c *ConfidentialResponse) *[]byte { return &c.Signature }),
}

// Append appends the response data field.
func (c *ConfidentialResponse) Append(dst []byte) ([]byte, error) {
	return appendParams(dst, c, &c.Others, confidentialResponseTable)
}

// DecodeConfidentialResponse reads the response data field. Errors are
// *wire.DecodeError. Spec: SPEC-GP-CONTENT-123.
func DecodeConfidentialResponse(b []byte) (ConfidentialResponse, error) {
	var c ConfidentialResponse
	if err := decodeParams(&c, &c.Others, confidentialResponseTable, b, 0, ""); err != nil {
		return ConfidentialResponse{}, err
	}
	if len(c.Receipt) == 0 {
		return ConfidentialResponse{}, &wire.DecodeError{Format: formatConfidential, Path: "86", Offset: len(b), Want: "a receipt", Got: "none"}
	}
	return c, nil
}
