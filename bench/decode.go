package main

import (
	"inkan/core/apdu"
	"inkan/core/tlv"
)

var apduPromise = Promise{
	Name:     "decode a 244-byte command APDU",
	Baseline: "the same fields by bare slicing, nothing checked",
	Limit:    10,
	Setup:    setupAPDU,
}

func setupAPDU() (operation, baseline func(), err error) {
	b := append(plainCommand(239), 0)
	var checked, bare apdu.Command
	operation = func() { checked, err = apdu.DecodeCommand(b) }
	baseline = func() { bare = sliceCommand(b) }
	operation()
	baseline()
	if err == nil && (checked.INS != bare.INS || len(checked.Data) != len(bare.Data) || checked.Ne != bare.Ne) {
		err = errDiffers
	}
	return operation, baseline, err
}

// sliceCommand takes a short command of case 4 apart.
//
//go:noinline
func sliceCommand(b []byte) apdu.Command {
	n := int(b[4])
	c := apdu.Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3], Data: b[5 : 5+n], Ne: int(b[5+n])}
	if c.Ne == 0 {
		c.Ne = apdu.MaxShortNe
	}
	return c
}

var tlvPromise = Promise{
	Name:     "walk a GET STATUS response of 8 entries, 48 objects",
	Baseline: "the same walk over known tag and length sizes, nothing checked",
	Limit:    10,
	Setup:    setupTLV,
}

func setupTLV() (operation, baseline func(), err error) {
	var b []byte
	for i := range 8 {
		var entry []byte
		entry = tlv.Append(entry, 0x4F, []byte{0xA0, 0, 0, 1, 0x51, byte(i)})
		entry = tlv.Append(entry, 0x9F70, []byte{0x07})
		entry = tlv.Append(entry, 0xC5, []byte{0x80, 0, 0})
		entry = tlv.Append(entry, 0xC4, []byte{0xA0, 0, 0, 1, 0x51, 0x53})
		entry = tlv.Append(entry, 0xCC, []byte{0xA0, 0, 0, 1, 0x51, 0})
		b = tlv.Append(b, 0xE3, entry)
	}
	var checked, bare int
	operation = func() { checked, err = walk(b) }
	baseline = func() { bare = bareWalk(b) }
	operation()
	baseline()
	if err == nil && (checked != bare || checked != 8*(1+6+1+3+6+6)) {
		err = errDiffers
	}
	return operation, baseline, err
}

// walk counts objects of the outer level and value bytes of the inner one.
func walk(b []byte) (sum int, err error) {
	r := tlv.NewReader(b)
	for r.Next() {
		sum++
		in := r.Children()
		for in.Next() {
			sum += len(in.Value())
		}
		if err := in.Err(); err != nil {
			return 0, err
		}
	}
	return sum, r.Err()
}

// bareWalk does the same for tags of one byte, or two where the first is 9F,
// and lengths of one byte.
//
//go:noinline
func bareWalk(b []byte) (sum int) {
	for i := 0; i < len(b); {
		sum++
		end := i + 2 + int(b[i+1])
		for i += 2; i < end; {
			if b[i] == 0x9F {
				i++
			}
			n := int(b[i+1])
			sum += n
			i += 2 + n
		}
	}
	return sum
}
