package gp

import (
	"inkan/core/apdu"
	"inkan/core/scp"
)

// MaxRMACData is the longest data that BEGIN R-MAC SESSION binds in.
const MaxRMACData = 24

// BeginRMACSession is BEGIN R-MAC SESSION (GP Card Specification 2.3.1 §E.5.3,
// Amendment D §7.1.3): 80 7A level 01, LV(data).
type BeginRMACSession struct {
	Level scp.Level // 10 R-MAC, 30 R-MAC and R-ENCRYPTION, 00 none
	Data  []byte    // at most MaxRMACData bytes, which go into the first R-MAC
}

// APDU implements Command.
func (s BeginRMACSession) APDU(buf []byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsBeginRMACSession, P1: byte(s.Level), P2: 0x01}
	if !validRMACLevel(byte(s.Level)) {
		return c, errValue("BEGIN R-MAC SESSION", "level")
	}
	if err := checkLen("BEGIN R-MAC SESSION data", len(s.Data), 0, MaxRMACData); err != nil {
		return c, err
	}
	c.Data = added(buf, append(append(buf, byte(len(s.Data))), s.Data...))
	return c, nil
}

func validRMACLevel(p1 byte) bool { return p1 == 0x00 || p1 == 0x10 || p1 == 0x30 }

// DecodeBeginRMACSession reads BEGIN R-MAC SESSION; an empty data field stands
// for no data. Errors are *wire.DecodeError. Spec: SPEC-GP-060.
func DecodeBeginRMACSession(c *apdu.Command) (BeginRMACSession, error) {
	r := data("BEGIN R-MAC SESSION", c, IsGlobalPlatformClass, InsBeginRMACSession)
	if !validRMACLevel(c.P1) {
		failP1(&r, "00, 10 or 30", c.P1)
	}
	if c.P2 != 0x01 {
		failP2(&r, "01", c.P2)
	}
	s := BeginRMACSession{Level: scp.Level(c.P1)}
	if r.More() {
		s.Data = r.LV("data")
	}
	if len(s.Data) == 0 {
		s.Data = nil
	}
	if len(s.Data) > MaxRMACData {
		r.FailAt(dataOffset(c), "data", "at most 24 bytes", "more")
	}
	if err := r.End(); err != nil {
		return BeginRMACSession{}, err
	}
	return s, nil
}

// EndRMACSession is END R-MAC SESSION (GP Card Specification 2.3.1 §E.5.4,
// Amendment D §7.1.4): 80 78 00 P2. In SCP02 the response data is the 8-byte
// R-MAC.
type EndRMACSession struct {
	KeepSession bool // P2 01: return the R-MAC and go on; else P2 03: end the session
}

// APDU implements Command.
func (s EndRMACSession) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{CLA: ClassGlobalPlatform, INS: InsEndRMACSession, P2: 0x03, Ne: apdu.MaxShortNe}
	if s.KeepSession {
		c.P2 = 0x01
	}
	return c, nil
}

// DecodeEndRMACSession reads END R-MAC SESSION. Errors are *wire.DecodeError.
// Spec: SPEC-GP-061.
func DecodeEndRMACSession(c *apdu.Command) (EndRMACSession, error) {
	r := data("END R-MAC SESSION", c, IsGlobalPlatformClass, InsEndRMACSession)
	if c.P1 != 0 {
		failP1(&r, "00", c.P1)
	}
	if c.P2 != 0x01 && c.P2 != 0x03 {
		failP2(&r, "01 or 03", c.P2)
	}
	noData(&r)
	if r.Err() != nil {
		return EndRMACSession{}, r.Err()
	}
	return EndRMACSession{KeepSession: c.P2 == 0x01}, nil
}
