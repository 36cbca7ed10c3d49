package apdutext

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp/scp80"
	"inkan/core/sms"
)

func selection(d *Description, c *apdu.Command, _ []byte) {
	switch c.P1 {
	case 0x04:
		s, err := gp.DecodeSelect(c)
		if err != nil {
			d.say("by name: ", partial(c.Data))
			return
		}
		d.say(partial(s.Name))
	case 0x02, 0x00, 0x08, 0x09:
		if len(c.Data) == 2 && c.P1 == 0x02 {
			d.say(jpki.EF(uint16(c.Data[0])<<8 | uint16(c.Data[1])).String())
			return
		}
		d.say("file ", hex(c.Data))
	}
}

func manageChannel(d *Description, c *apdu.Command, response []byte) {
	m, err := gp.DecodeManageChannel(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	if m.Close {
		d.detail("close")
		d.say(fmt.Sprintf("channel %d", m.Channel))
		return
	}
	d.detail("open")
	if r, err := gp.DecodeManageChannelResponse(response); err == nil && len(response) > 0 {
		d.say(fmt.Sprintf("the card gives channel %d", r.Channel))
	}
}

func readBinary(d *Description, c *apdu.Command, _ []byte) {
	if c.P1&0x80 != 0 {
		d.say("file of short identifier ", one(c.P1&0x1F), fmt.Sprintf(" from offset %d", c.P2))
		return
	}
	d.say(fmt.Sprintf("from offset %d", int(c.P1)<<8|int(c.P2)))
}

func record(d *Description, c *apdu.Command, _ []byte) {
	d.say(fmt.Sprintf("record %d", c.P1))
	if len(c.Data) > 0 {
		d.say(count(len(c.Data), "byte"))
	}
}

func written(d *Description, c *apdu.Command, _ []byte) {
	d.say(fmt.Sprintf("%s from offset %d", count(len(c.Data), "byte"), int(c.P1)<<8|int(c.P2)))
}

func verify(d *Description, c *apdu.Command, _ []byte) {
	if len(c.Data) == 0 {
		d.say("how many tries are left: ", reference(c.P2))
		return
	}
	pin(d, c, nil)
}

func pin(d *Description, c *apdu.Command, _ []byte) { d.say(reference(c.P2), ", value not recorded") }

func initializeUpdate(d *Description, c *apdu.Command, response []byte) {
	u, err := gp.DecodeInitializeUpdate(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	d.say("key version ", one(u.KeyVersion), ", host challenge ", hex(u.HostChallenge))
	if len(response) == 0 {
		return
	}
	r, err := gp.DecodeInitializeUpdateResponse(response)
	if err != nil {
		d.say("response cannot be read: ", err.Error())
		return
	}
	d.say(fmt.Sprintf("the card offers SCP%02X with key version %02X", r.Protocol, r.KeyVersion))
	d.say("card challenge ", hex(r.CardChallenge), ", cryptogram ", hex(r.CardCryptogram))
}

func externalAuthenticate(d *Description, c *apdu.Command, _ []byte) {
	e, err := gp.DecodeExternalAuthenticate(c)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	d.say("security level ", one(byte(e.Level)), ", host cryptogram ", hex(e.HostCryptogram))
}

var modes = [...]string{"PKCS #1 v1.5 of a DigestInfo", "PKCS #1 v1.5 of SHA-256(data)", "PKCS #1 v1.5 of a SHA-256",
	"PKCS #1 v1.5 of a message's SHA-256", "PSS of a SHA-256", "PSS of a message's SHA-256"}

func sign(d *Description, c *apdu.Command, _ []byte) {
	mode := "mode " + one(c.P1)
	if int(c.P1) < len(modes) {
		mode = modes[c.P1]
	}
	d.say(mode, ", ", count(len(c.Data), "byte"), " of data")
}

func contactless(d *Description, c *apdu.Command, _ []byte) {
	states := [...]string{"off", "on", "on for one signature"}
	if int(c.P1) < len(states) {
		d.detail(states[c.P1])
	}
}

// envelope describes a short message that comes to the card: the packet's clear header.
func envelope(d *Description, c *apdu.Command, _ []byte) {
	x, err := sms.DecodeDownload(c.Data)
	if err != nil {
		d.say("not a short message: ", count(len(c.Data), "byte"))
		return
	}
	d.detail("SMS-PP download")
	m, err := sms.DecodeDeliver(x.TPDU)
	if err != nil {
		d.say("cannot be read: ", err.Error())
		return
	}
	h, body, err := sms.DecodeUserData(m.UD)
	if err != nil || !m.UDHI {
		d.say("without a header")
		return
	}
	if part, ok := h.Concat(); ok {
		d.say(fmt.Sprintf("part %d of %d", part.Sequence, part.Total))
		if part.Sequence != 1 {
			return
		}
	}
	if p, err := scp80.DecodeCommandHeader(body); err == nil {
		d.say("secured packet for TAR ", p.TAR.String(), ", SPI ", p.SPI.String())
	}
}
