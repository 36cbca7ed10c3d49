package os

import (
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
	"inkan/core/scp/scp02"
	"inkan/core/scp/scp03"
	"inkan/sim/clock"
	"inkan/sim/runtime"
)

// checkProtocol tells whether a protocol and its i can be had.
func checkProtocol(p gp.SCPOption) error {
	none := func(byte) (*scp.KeySet, scp.Counter) { return nil, nil }
	aid := gp.AIDIssuerSecurityDomain.Append(nil)
	var err error
	switch p.Protocol {
	case gp.SCP02:
		_, err = scp02.NewCard(scp02.CardConfig{Options: scp02.Options(p.I), Keys: none, AID: aid, Entropy: noEntropy{}})
	case gp.SCP03:
		_, err = scp03.NewCard(scp03.CardConfig{Options: scp03.Options(p.I), Keys: none, AID: aid, Entropy: noEntropy{}})
	default:
		err = fmt.Errorf("os: SCP%02X is no secure channel over APDUs", p.Protocol)
	}
	return err
}

type noEntropy struct{}

// Fill implements entropy.Source.
func (noEntropy) Fill([]byte) {}

// secure is the secure channel of a domain on a logical channel: that of the
// protocol which the key version of INITIALIZE UPDATE is for.
type secure struct {
	d    *domain
	open runtime.SecureChannel // nil: there was no INITIALIZE UPDATE
	// owner has the keys: the domain itself, or the one above whose keys it uses.
	owner   domainID
	version byte // of the keys
	option  gp.SCPOption
}

var _ runtime.SecureChannel = (*secure)(nil)

// Handshake answers INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
// Spec: SPEC-UICC-OS-020 to SPEC-UICC-OS-023, SPEC-UICC-OS-025, SPEC-UICC-OS-026.
func (s *secure) Handshake(dst, cmd []byte) []byte {
	k, err := apdu.DecodeCommand(cmd)
	switch {
	case err != nil:
		return status(dst, iso7816.WrongLength)
	case k.INS == gp.InsInitializeUpdate:
		return s.initialize(dst, cmd, &k)
	case k.INS == gp.InsExternalAuthenticate:
		return s.authenticate(dst, cmd)
	}
	return status(dst, iso7816.INSNotSupported)
}

func status(dst []byte, sw iso7816.SW) []byte { return append(dst, sw.SW1(), sw.SW2()) }

func (s *secure) initialize(dst, raw []byte, cmd *apdu.Command) []byte {
	s.Close()
	c := s.d.card
	owner, version, option, ok := s.d.keysFor(cmd.P1)
	if !ok {
		if !scp.IsInitializeClass(cmd.CLA) {
			return status(dst, iso7816.CLANotSupported)
		}
		return status(dst, iso7816.ReferencedDataNotFound)
	}
	failed := c.failures(owner)
	if limit := c.cfg.Policy.FailureLimit; limit >= 0 && failed >= limit {
		return status(dst, iso7816.AuthenticationBlocked)
	}
	if over := failed - c.cfg.Policy.SlowAfter; over >= 0 {
		c.Clock().Advance(clock.Idle, c.cfg.Policy.SlowCycles<<min(over, 10))
	}
	channel, err := s.d.newChannel(owner, version, option)
	if err != nil {
		return status(dst, iso7816.ConditionsNotSatisfied)
	}
	s.open, s.owner, s.version, s.option = channel, owner, version, option
	return channel.Handshake(dst, raw)
}

// authenticate counts the failure before it looks, and takes it back on success.
// Spec: SPEC-UICC-OS-127.
func (s *secure) authenticate(dst, raw []byte) []byte {
	if s.open == nil {
		return status(dst, scp.ErrAuthentication)
	}
	if a, ok := s.open.(interface{ Authenticating() bool }); !ok || !a.Authenticating() {
		s.Close()
		return status(dst, scp.ErrAuthentication)
	}
	c := s.d.card
	failed := c.failures(s.owner)
	if c.setFailures(s.owner, failed+1) != nil {
		s.Close()
		return status(dst, iso7816.MemoryFailure)
	}
	n := len(dst)
	dst = s.open.Handshake(dst, raw)
	if !s.open.IsOpen() {
		s.open = nil
		return dst
	}
	if c.setFailures(s.owner, 0) != nil {
		s.Close()
		return status(dst[:n], iso7816.MemoryFailure)
	}
	return dst
}

// newChannel makes the channel of a protocol over the chip's engines.
func (d *domain) newChannel(owner domainID, version byte, option gp.SCPOption) (runtime.SecureChannel, error) {
	c := d.card
	used := func(v byte) (*scp.KeySet, scp.Counter) {
		if v != 0 && v != version {
			return nil, nil
		}
		set := c.keySet(owner, version)
		if set == nil {
			return nil, nil
		}
		return set, sequence{c, owner, version}
	}
	aid := d.aid().Append(nil)
	if option.Protocol == gp.SCP02 {
		return scp02.NewCard(scp02.CardConfig{Options: scp02.Options(option.I), Keys: used, KDD: c.kdd(owner), AID: aid, Entropy: c.Engines(),
			Levels: c.levels(func(l scp.Level) bool { return scp02.Options(option.I).Allows(l) }), Observer: c.cfg.Observer, Engine: c.Engines()})
	}
	return scp03.NewCard(scp03.CardConfig{Options: scp03.Options(option.I), Keys: used, KDD: c.kdd(owner), AID: aid, Entropy: c.Engines(),
		Levels: c.levels(func(l scp.Level) bool { return scp03.Options(option.I).Allows(l) }), Observer: c.cfg.Observer, Cipher: c.Engines().AES})
}

// levels are those that a protocol allows and the policy asks for.
// Spec: SPEC-UICC-OS-023.
func (c *Card) levels(allows func(scp.Level) bool) []scp.Level {
	all := []scp.Level{}
	for l := scp.Level(0); l < 0x40; l++ {
		if l&c.cfg.Policy.Level == c.cfg.Policy.Level && allows(l) {
			all = append(all, l)
		}
	}
	return all
}

// Close implements scp.Card.
func (s *secure) Close() {
	if s.open != nil {
		s.open.Close()
		s.open = nil
	}
}

// IsOpen implements runtime.SecureChannel.
func (s *secure) IsOpen() bool { return s.open != nil && s.open.IsOpen() }

// Level implements scp.Card.
func (s *secure) Level() scp.Level {
	if s.open == nil {
		return 0
	}
	return s.open.Level()
}

// Unwrap implements scp.Card.
func (s *secure) Unwrap(dst, cmd []byte) ([]byte, error) {
	if s.open == nil {
		return dst, scp.ErrSecurity
	}
	return s.open.Unwrap(dst, cmd)
}

// Wrap implements scp.Card.
func (s *secure) Wrap(dst, resp []byte) ([]byte, error) {
	if s.open == nil {
		return dst, scp.ErrSecurity
	}
	return s.open.Wrap(dst, resp)
}

// DecryptSensitive implements scp.Card.
func (s *secure) DecryptSensitive(dst, enc []byte) ([]byte, error) {
	if s.open == nil {
		return dst, scp.ErrSecurity
	}
	return s.open.DecryptSensitive(dst, enc)
}

// EncryptSensitive implements scp.Card.
func (s *secure) EncryptSensitive(dst, plain []byte) ([]byte, error) {
	if s.open == nil {
		return dst, scp.ErrSecurity
	}
	return s.open.EncryptSensitive(dst, plain)
}

// room is how much response data fits a short response.
func (s *secure) room() int {
	if s.open == nil {
		return apdu.MaxShortNe
	}
	if s.option.Protocol == gp.SCP02 {
		return scp02.MaxResponseData(s.Level())
	}
	return scp03.MaxResponseData(scp03.Options(s.option.I), s.Level(), false)
}
