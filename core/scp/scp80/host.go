package scp80

import (
	"errors"
	"fmt"

	"inkan/core/observe"
)

// Errors of a Host.
var (
	// ErrCounterBlocked refuses to seal: the counter is at MaxCounter.
	ErrCounterBlocked = errors.New("scp80: the counter is blocked")
	// ErrProof refuses a proof of receipt that is not what the command asked
	// for; the observer has the cause.
	ErrProof = errors.New("scp80: the proof of receipt is not acceptable")
	// ErrUnprotected goes with a proof of receipt that says that something
	// failed, but without the protection that the command asked for. Anybody
	// can have made it: it is a hint, never evidence.
	ErrUnprotected = errors.New("scp80: the proof of receipt is not protected")
)

// HostConfig says how a Host protects commands.
type HostConfig struct {
	SPI       SPI
	Cipher    *KeySet   // its KIc; nil: KIc 00, no ciphering
	Integrity *KeySet   // its KID and counter; nil: KID version 0, no CC
	RC        Algorithm // CRC16 or CRC32, when SPI has RC; 0: CRC32
	Observer  observe.Observer
}

// Host is the sending entity. Not for concurrent use; Seal and Open do not
// allocate when dst has room.
type Host struct {
	spi      SPI
	kic, kid KeyReference
	cfg      HostConfig
	check    check
	sealing  sealing
	trap     observe.Trap
}

// Ticket is what a Host has to remember of a command to judge its proof of
// receipt. It holds no secret and may be stored; it is for a Host of the same
// configuration. Counter is 0 in every ticket of a Host without a counter, so
// that the proof of one command verifies for any other of that TAR: see
// Response.Fresh.
type Ticket struct {
	TAR     TAR
	Counter uint64
}

// Response is what a proof of receipt says.
type Response struct {
	TAR           TAR
	Counter       uint64
	Status        Status
	Authenticated bool // it had a CC, and that is right
	// Fresh: it is Authenticated and answers the very command of the ticket,
	// whose counter the card checked. Only then is it evidence; without it, it
	// may be an old one played again. Spec: SPEC-SCP80-077.
	Fresh bool
}

// NewHost makes a sending entity. It refuses an SPI that it cannot honour, and
// one that asks for keys or a counter that are not there.
// Spec: SPEC-SCP80-030, SPEC-SCP80-031, SPEC-SCP80-032.
func NewHost(cfg HostConfig) (*Host, error) {
	s := cfg.SPI
	if s&^definedBits != 0 {
		return nil, fmt.Errorf("scp80: SPI %v has reserved bits", s)
	}
	if why := s.unsupported(); why != "" {
		return nil, fmt.Errorf("scp80: SPI %v: %s", s, why)
	}
	h := &Host{spi: s, cfg: cfg}
	if cfg.Cipher != nil {
		h.kic = Reference(cfg.Cipher.version, cfg.Cipher.cipher.algorithm)
	}
	if cfg.Integrity != nil {
		h.kid = Reference(cfg.Integrity.version, cfg.Integrity.mac.algorithm)
	}
	if cfg.RC == 0 {
		h.cfg.RC = CRC32
	}
	if s.Integrity() == RC || s.Integrity() == 0 && s.PoRIntegrity() == RC {
		h.kid = Reference(h.kid.Version(), h.cfg.RC)
	}
	return h, h.keysFit()
}

func (h *Host) keysFit() error {
	s := h.spi
	checked := s.counterChecked()
	noCipher := h.cfg.Cipher == nil || h.cfg.Cipher.cipher.size == 0
	noMAC := h.cfg.Integrity == nil || h.cfg.Integrity.mac.size == 0
	switch {
	case (s.Ciphered() || s.PoRCiphered()) && noCipher:
		return fmt.Errorf("scp80: SPI %v needs a KIc", s)
	case (s.Integrity() == CC || s.PoRIntegrity() == CC) && noMAC:
		return fmt.Errorf("scp80: SPI %v needs a KID", s)
	case checked && s.Integrity() != CC:
		return fmt.Errorf("scp80: SPI %v has a checked counter without CC", s)
	case s.CounterMode() != 0 && (h.cfg.Integrity == nil || h.cfg.Integrity.counter == nil):
		return fmt.Errorf("scp80: SPI %v needs a counter", s)
	case h.cfg.RC != CRC16 && h.cfg.RC != CRC32:
		return fmt.Errorf("scp80: RC algorithm %X, want 1 or 5", byte(h.cfg.RC))
	}
	return nil
}

// Seal appends a command packet (from CPL on) to dst. The counter is stored
// before the packet exists, so that a crash can lose a value but not use one
// twice; to send again, send the same bytes. dst and data must not overlap.
// Spec: SPEC-SCP80-001, SPEC-SCP80-033, SPEC-SCP80-034.
func (h *Host) Seal(dst []byte, tar TAR, data []byte) ([]byte, Ticket, error) {
	t := Ticket{TAR: tar}
	if h.spi.CounterMode() != 0 {
		c := h.cfg.Integrity.counter
		t.Counter = c.Load() + 1
		if t.Counter > MaxCounter {
			return dst, Ticket{}, ErrCounterBlocked
		}
		if err := c.Store(t.Counter); err != nil {
			return dst, Ticket{}, fmt.Errorf("scp80: counter: %w", err)
		}
	}
	cmd := Command{SPI: h.spi, KIc: h.kic, KID: h.kid, TAR: tar}
	h.sealing = sealing{counter: t.Counter, check: &h.check}
	cmd.put(&h.sealing.header)
	h.choose(h.spi.Integrity(), h.cfg.RC)
	if h.spi.Ciphered() {
		h.sealing.cipher = &h.cfg.Cipher.cipher
	}
	out, err := commandShape.append(dst, &h.sealing, data)
	if err != nil {
		return dst, Ticket{}, err
	}
	return out, t, nil
}

func (h *Host) choose(integrity SPI, rc Algorithm) {
	switch integrity {
	case RC:
		h.check.useCRC(rc)
	case CC:
		h.check.useMAC(&h.cfg.Integrity.mac)
	default:
		h.check.useNone()
	}
}

// Open verifies and decrypts the proof of receipt (from RPL on) of the command
// that gave the ticket, and appends its response data to dst. dst and packet
// must not overlap.
//
// The error is a *wire.DecodeError for broken lengths; ErrProof when the proof
// fails its check or belongs to another command; ErrUnprotected, with the
// response, for a refusal that came without the protection asked for. A status
// other than OK is not an error here: Response.Status.Err tells; and a proof is
// evidence only when it is Response.Fresh.
// Spec: SPEC-SCP80-070 to SPEC-SCP80-075, SPEC-SCP80-077.
func (h *Host) Open(dst []byte, t Ticket, packet []byte) ([]byte, Response, error) {
	f, err := responseShape.decode(packet)
	if err != nil {
		return dst, Response{}, err
	}
	if TAR(f.head[headLen:]) != t.TAR {
		return h.refuse(dst, "TAR of another command")
	}
	protected := h.spi.PoRIntegrity() != 0 || h.spi.PoRCiphered()
	if protected && len(f.secret) == responseShape.tail && f.checkSize == 0 {
		return h.openPlain(dst, &f)
	}
	rc := CRC32
	if h.spi.Integrity() != CC {
		rc = h.cfg.RC
	}
	h.choose(h.spi.PoRIntegrity(), rc)
	var ciph *blockCipher
	if h.spi.PoRCiphered() {
		ciph = &h.cfg.Cipher.cipher
	}
	mark := len(dst)
	out, in, status := responseShape.open(dst, &f, &h.check, ciph)
	if status == StatusOK && in.counter == t.Counter {
		n := copy(out[mark:], in.data)
		clear(out[mark+n:])
		resp := Response{TAR: t.TAR, Counter: in.counter, Status: in.status, Authenticated: h.spi.PoRIntegrity() == CC}
		// A counter of 0 comes of a Host without one: no checked counter is 0.
		resp.Fresh = resp.Authenticated && h.spi.counterChecked() && t.Counter > 0
		return out[:mark+n], resp, nil
	}
	clear(out[mark:])
	if status == StatusOK {
		return h.refuse(dst, "CNTR of another command")
	}
	return h.refuse(dst, status.Meaning())
}

// openPlain reads a bare refusal: a status without data, check or ciphering,
// where protection was asked for. Spec: SPEC-SCP80-073, SPEC-SCP80-074.
func (h *Host) openPlain(dst []byte, f *frame) ([]byte, Response, error) {
	status := Status(f.secret[counterTail])
	if status.Err() == nil {
		return h.refuse(dst, "success without the protection asked for")
	}
	h.observe("refusal without the protection asked for")
	return dst, Response{TAR: TAR(f.head[headLen:]), Counter: counterValue(f.secret), Status: status}, ErrUnprotected
}

func (h *Host) refuse(dst []byte, cause string) ([]byte, Response, error) {
	h.observe(cause)
	return dst, Response{}, ErrProof
}

func (h *Host) observe(cause string) {
	if h.cfg.Observer != nil {
		h.trap = observe.Trap{Where: "scp80/host", Cause: cause}
		h.cfg.Observer.Trap(&h.trap)
	}
}
