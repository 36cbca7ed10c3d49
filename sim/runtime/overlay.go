package runtime

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
)

// Overlay is what a Platform may implement besides: the toolkit session of a
// UICC, whose commands go to it whatever application is selected.
type Overlay interface {
	// Claims finds who processes a command on a channel instead of the selected
	// application; nil: nobody.
	Claims(cmd *apdu.Command, channel int) Resident
	// Finish is the status word to answer instead of 9000: 91xx while a
	// proactive command waits.
	Finish(sw iso7816.SW) iso7816.SW
	// Opened tells that a logical channel was opened from another one.
	Opened(from, channel int)
}

// CommandSelector is what a Resident may implement besides, whose answer to
// SELECT depends on more than the name.
type CommandSelector interface {
	SelectCommand(dst []byte, cmd *apdu.Command, channel int) ([]byte, iso7816.SW)
}

// claimed lets the overlay's application process a command.
// Spec: SPEC-RUNTIME-160.
func (c *Card) claimed(cmd *apdu.Command, raw []byte) (iso7816.SW, bool) {
	if c.overlay == nil {
		return 0, false
	}
	r := c.overlay.Claims(cmd, c.current)
	if r == nil {
		return 0, false
	}
	return c.processResident(r, cmd, raw), true
}

func (c *Card) processResident(r Resident, cmd *apdu.Command, raw []byte) iso7816.SW {
	var sw iso7816.SW
	if e := c.machine.Try(func() { c.response, sw = r.Process(c.response, cmd, raw, c.current) }); e != nil {
		return c.status(e)
	}
	return sw
}

// finish lets the overlay say the status word of a success.
func (c *Card) finish(sw iso7816.SW) iso7816.SW {
	if c.overlay != nil && sw == iso7816.OK && c.state == on {
		return c.overlay.Finish(sw)
	}
	return sw
}

// Powered reports whether the card answers commands.
func (c *Card) Powered() bool { return c.state == on }

// Channel is the logical channel of the command under way. For a Platform.
func (c *Card) Channel() int { return c.current }

// Contactless tells whether the command under way came by a contactless
// interface.
func (c *Card) Contactless() bool {
	media := c.protocol & 0xF0
	return media == MediaContactlessA || media == MediaContactlessB || media == MediaHCI
}

// SelectedOn reports on how many logical channels a resident with a name is
// selected. For a Platform.
func (c *Card) SelectedOn(name []byte) int {
	n := 0
	for i := range c.channels {
		if r := c.channels[i].resident; r != nil && string(r.Name()) == string(name) {
			n++
		}
	}
	return n
}

// SelectedResident is the resident that is selected on a logical channel; nil: an
// applet is, or the channel is not open. For a Platform.
func (c *Card) SelectedResident(channel int) Resident { return c.channels[channel].resident }

// SelectedApplet is the applet that is selected on a logical channel; nil: none is.
// For a Platform.
func (c *Card) SelectedApplet(channel int) *Applet { return c.channels[channel].applet }
