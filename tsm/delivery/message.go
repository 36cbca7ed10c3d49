package delivery

import (
	"time"

	"inkan/core/sms"
)

// reference is that of a packet's messages: neighbours in a lane have different ones,
// and so has a packet that the card took for a part of another.
func reference(number uint64, generation byte) byte { return byte(number) + generation*97 }

// messages are the SMS-DELIVERs of a packet: the same at every attempt.
func (e *Engine) messages(packet []byte, reference byte, at time.Time) (tpdus [][]byte, err error) {
	parts, err := sms.NewSplitter(packet, sms.IEICommandPacket, uint16(reference), false, sms.MaxUserData)
	if err != nil {
		return nil, err
	}
	for i := range parts.Parts() {
		d := sms.NewCommandDeliver(e.config.From, timeStamp(at), parts.Append(nil, i))
		d.MMS = i == parts.Parts()-1
		tpdu, err := d.Append(nil)
		if err != nil {
			return nil, err
		}
		tpdus = append(tpdus, tpdu)
	}
	return tpdus, nil
}

// timeStamp is TP-SCTS (3GPP TS 23.040 §9.2.3.11) in UTC.
func timeStamp(t time.Time) (b [7]byte) {
	t = t.UTC()
	for i, n := range []int{t.Year() % 100, int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()} {
		b[i] = byte(n%10<<4 | n/10)
	}
	return b
}
