package gp

import (
	"context"
	"fmt"
	"strconv"

	"inkan/core/apdu"
)

// OnChannel is a card on one of its logical channels: every command goes out
// with the class byte of that channel, so that the commands of this package,
// which know the basic channel only, work on any. With a secure channel it
// stands outside, around scp.Secured. Not for concurrent use.
// Spec: SPEC-APDU-010.
type OnChannel struct {
	Card    apdu.Card
	Channel int // 0 to 19

	cmd []byte // kept for its room
}

var _ apdu.Card = (*OnChannel)(nil)

// Transmit sends a command on the channel. A command without a class byte, or
// whose class has no such channel, is an error and not sent.
func (o *OnChannel) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	if len(cmd) == 0 {
		return dst, errValue("command", "class byte")
	}
	class, err := apdu.Class(cmd[0]).WithChannel(o.Channel)
	if err != nil {
		return dst, err
	}
	o.cmd = append(append(o.cmd[:0], byte(class)), cmd[1:]...)
	defer clear(o.cmd)
	return o.Card.Transmit(ctx, o.cmd, dst)
}

// Format prints the channel, whatever the verb: never a command.
func (o OnChannel) Format(s fmt.State, _ rune) {
	fmt.Fprint(s, "card on channel "+strconv.Itoa(o.Channel))
}
