package gp

import (
	"strconv"

	"inkan/core/apdu"
	"inkan/core/wire"
)

// MaxChannel is the highest logical channel number.
const MaxChannel = apdu.MaxChannel

// ManageChannel is MANAGE CHANNEL (GP Card Specification 2.3.1 §11.7):
// 00 70 00/80 channel.
type ManageChannel struct {
	Close bool
	// Channel is the supplementary logical channel, 1 to 19. 0 opens the next
	// free one, or closes the one that the class byte names.
	Channel byte
}

// APDU implements Command.
func (m ManageChannel) APDU([]byte) (apdu.Command, error) {
	c := apdu.Command{INS: InsManageChannel, P2: m.Channel}
	if m.Channel > MaxChannel {
		return c, errValue("MANAGE CHANNEL", "channel")
	}
	switch {
	case m.Close:
		c.P1 = 0x80
	case m.Channel == 0:
		c.Ne = 1
	}
	return c, nil
}

// DecodeManageChannel reads MANAGE CHANNEL. Errors are *wire.DecodeError.
// Spec: SPEC-GP-058.
func DecodeManageChannel(c *apdu.Command) (ManageChannel, error) {
	r := data("MANAGE CHANNEL", c, IsInterindustryClass, InsManageChannel)
	if c.P1 != 0x00 && c.P1 != 0x80 {
		failP1(&r, "00 or 80", c.P1)
	}
	if c.P2 > MaxChannel {
		failP2(&r, "00 to 13", c.P2)
	}
	noData(&r)
	if r.Err() != nil {
		return ManageChannel{}, r.Err()
	}
	return ManageChannel{Close: c.P1 == 0x80, Channel: c.P2}, nil
}

// ManageChannelResponse is the channel that the card opened of its own choice.
type ManageChannelResponse struct {
	Channel byte // 1 to 19
}

// Append appends the coding.
func (m ManageChannelResponse) Append(dst []byte) []byte { return append(dst, m.Channel) }

// DecodeManageChannelResponse reads the response data of an opening without
// channel number. Errors are *wire.DecodeError. Spec: SPEC-GP-059.
func DecodeManageChannelResponse(b []byte) (ManageChannelResponse, error) {
	r := wire.NewReader("MANAGE CHANNEL response", b)
	m := ManageChannelResponse{Channel: r.Byte("channel")}
	if r.Err() == nil && (m.Channel == 0 || m.Channel > MaxChannel) {
		r.FailAt(0, "channel", "01 to 13", strconv.Itoa(int(m.Channel)))
	}
	if err := r.End(); err != nil {
		return ManageChannelResponse{}, err
	}
	return m, nil
}
