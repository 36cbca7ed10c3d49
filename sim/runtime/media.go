package runtime

import "fmt"

// Media bits of a protocol byte, as APDU.getProtocol shows them (Java Card
// 3.0.5, APDU.PROTOCOL_MEDIA_…). Contacts have none.
const (
	MediaContactlessA = 0x80
	MediaContactlessB = 0x90
	MediaUSB          = 0xA0
	MediaHCI          = 0xB0 // the APDU gate of a contactless front end
)

// CheckProtocol tells whether a byte is a protocol: T=0 or T=1 in the low
// digit, one of the media above it, and T=0 on contacts only.
// Spec: SPEC-RUNTIME-150.
func CheckProtocol(p byte) error {
	switch media, transmission := p&0xF0, p&0x0F; {
	case transmission > 1:
		return fmt.Errorf("runtime: protocol %02X is T=%d: want 0 or 1", p, transmission)
	case media != 0 && transmission == 0:
		return fmt.Errorf("runtime: protocol %02X: T=0 on other media than contacts", p)
	case media != 0 && (media < MediaContactlessA || media > MediaHCI):
		return fmt.Errorf("runtime: protocol %02X has unknown media: want 00, 80, 90, A0 or B0", p)
	}
	return nil
}

// SetProtocol says by what protocol, media bits included, the card is powered
// at the next resets. Errors are those of CheckProtocol.
func (c *Card) SetProtocol(p byte) error {
	if err := CheckProtocol(p); err != nil {
		return err
	}
	c.cfg.Protocol = p
	return nil
}

// Interface says by what protocol, media bits included, the next commands come,
// until it is called again or the card is reset: contacts and a contactless
// front end share one powered card. Nothing else changes: selections, logical
// channels, RAM. Errors are those of CheckProtocol. Spec: SPEC-RUNTIME-152.
func (c *Card) Interface(p byte) error {
	if err := CheckProtocol(p); err != nil {
		return err
	}
	c.protocol = p
	return nil
}

// blocks tells whether commands come in blocks, as under T=1 and by every
// contactless protocol, and not byte by byte as under T=0.
// Spec: SPEC-RUNTIME-151.
func (c *Card) blocks() bool { return c.protocol&0x0F == 1 }
