package apdu

import (
	"fmt"
	"strconv"

	"inkan/core/iso7816"
	"inkan/core/wire"
)

// ManageChannelOpen is MANAGE CHANNEL open, sent on the channel from; the card
// chooses the number (OpenedChannel). Spec: SPEC-APDU-060.
func ManageChannelOpen(from int) (Command, error) {
	cla, err := Class(0).WithChannel(from)
	return Command{CLA: byte(cla), INS: iso7816.INSManageChannel, Ne: 1}, err
}

// ManageChannelOpenNumber is MANAGE CHANNEL open of a given channel, 1 to 19.
// Spec: SPEC-APDU-060.
func ManageChannelOpenNumber(from, channel int) (Command, error) {
	return manageChannel(from, 0x00, channel)
}

// ManageChannelClose is MANAGE CHANNEL close of a channel, 1 to 19, sent on
// the channel from. Spec: SPEC-APDU-060.
func ManageChannelClose(from, channel int) (Command, error) {
	return manageChannel(from, 0x80, channel)
}

func manageChannel(from int, p1 byte, channel int) (Command, error) {
	cla, err := Class(0).WithChannel(from)
	if channel < 1 || channel > MaxChannel {
		err = fmt.Errorf("apdu: channel %d cannot be opened or closed, only 1 to 19", channel)
	}
	return Command{CLA: byte(cla), INS: iso7816.INSManageChannel, P1: p1, P2: byte(channel)}, err
}

// OpenedChannel reads the channel number from the response data of MANAGE
// CHANNEL open. Errors are *wire.DecodeError. Spec: SPEC-APDU-061.
func OpenedChannel(data []byte) (int, error) {
	r := wire.NewReader("MANAGE CHANNEL response", data)
	n := int(r.Byte("Channel"))
	if r.Err() == nil && (n < 1 || n > MaxChannel) {
		r.FailAt(0, "Channel", "1 to 19", strconv.Itoa(n))
	}
	if err := r.End(); err != nil {
		return 0, err
	}
	return n, nil
}
