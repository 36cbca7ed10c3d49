package overtheair

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"inkan/core/scp/scp80"
	"inkan/core/sms"
)

// Errors of a Server.
var (
	// ErrSilence: no proof of receipt came, however often the packet was sent.
	ErrSilence = errors.New("overtheair: no proof of receipt came")
	// ErrProcessed: the card says that it has had a packet with this counter or a
	// higher one. It was executed, or power failed when it was to be.
	ErrProcessed = errors.New("overtheair: the card has had this packet, or the counter is behind")
)

// DefaultTries is how often a packet is sent in whole or in part.
const DefaultTries = 30

// ServerConfig is how a Server protects and sends packets.
type ServerConfig struct {
	Network *Network
	TAR     scp80.TAR
	SPI     scp80.SPI
	Keys    *scp80.KeySet
	Counter scp80.Counter // of Keys
	From    sms.Address   // that messages are of
	Tries   int           // 0: DefaultTries
}

// Server sends secured packets to one application of one card and gets their
// proofs. Not for concurrent use.
type Server struct {
	cfg       ServerConfig
	host      *scp80.Host
	reference byte
	messages  int // numbered through
	inbox     *sms.Reassembler
	Packets   int // sent
}

// maxResponseParts is the most messages of a response.
const maxResponseParts = 16

// NewServer makes a server. Spec: SPEC-OTA-001.
func NewServer(cfg ServerConfig) (*Server, error) {
	if cfg.SPI.Integrity() != scp80.CC || cfg.SPI.CounterMode() < scp80.CounterHigher || cfg.SPI.PoRMode() != scp80.PoR || cfg.SPI.PoRIntegrity() != scp80.CC {
		return nil, fmt.Errorf("overtheair: SPI %v: want checksums of packets and proofs, a checked counter, a proof always", cfg.SPI)
	}
	if cfg.Tries == 0 {
		cfg.Tries = DefaultTries
	}
	host, err := scp80.NewHost(scp80.HostConfig{SPI: cfg.SPI, Cipher: cfg.Keys, Integrity: cfg.Keys})
	if err != nil {
		return nil, err
	}
	inbox, err := sms.NewReassembler(sms.ReassemblerConfig{Sets: 2, Parts: maxResponseParts, Age: 64})
	if err != nil {
		return nil, err
	}
	return &Server{cfg: cfg, host: host, inbox: inbox}, nil
}

// flight is a packet on its way.
type flight struct {
	ticket scp80.Ticket
	packet []byte
	tpdus  [][]byte
	sent   []bool // at least once
	acked  []bool
	first  int // number of the first message
	// refused: a part was answered by an error without proof, as one that is not
	// like the part of that number that the card has.
	refused bool
	proof   *scp80.Response
	data    []byte
}

// Send sends secured data and returns the response data of a fresh and protected
// proof. attempts is how often messages were sent again. The same packet is sent
// until its proof is there: never the data in a new one.
//
// Errors are ErrSilence, ErrProcessed, a scp80.Status, and those of the network.
// Spec: SPEC-OTA-003, SPEC-OTA-004, SPEC-OTA-006.
func (s *Server) Send(ctx context.Context, data []byte) (response []byte, attempts int, err error) {
	f := new(flight)
	if f.packet, f.ticket, err = s.host.Seal(nil, s.cfg.TAR, data); err != nil {
		return nil, 0, err
	}
	s.Packets++
	if err := s.cut(f); err != nil {
		return nil, 0, err
	}
	for attempts = 1; ; attempts++ {
		if err := s.round(ctx, f); err != nil {
			return nil, attempts, err
		}
		if f.proof != nil {
			break
		}
		if attempts == s.cfg.Tries {
			return nil, attempts, ErrSilence
		}
		if err := s.again(f); err != nil {
			return nil, attempts, err
		}
	}
	if f.proof.Status == scp80.StatusCounterLow {
		return nil, attempts, ErrProcessed
	}
	return f.data, attempts, f.proof.Status.Err()
}

// cut makes the messages of a packet.
func (s *Server) cut(f *flight) error {
	s.reference++
	parts, err := sms.NewSplitter(f.packet, sms.IEICommandPacket, uint16(s.reference), false, sms.MaxUserData)
	if err != nil {
		return err
	}
	f.tpdus = nil
	for i := range parts.Parts() {
		d := sms.NewCommandDeliver(s.cfg.From, timeStamp, parts.Append(nil, i))
		d.MMS = i == parts.Parts()-1
		tpdu, err := d.Append(nil)
		if err != nil {
			return err
		}
		f.tpdus = append(f.tpdus, tpdu)
	}
	f.acked = make([]bool, len(f.tpdus))
	if f.sent == nil {
		f.sent = make([]bool, len(f.tpdus))
	}
	f.first = s.messages
	s.messages += len(f.tpdus)
	return nil
}

// timeStamp is when messages say that the service centre got them: 2026-11-28
// 12:00:00, nine hours ahead.
var timeStamp = [7]byte{0x62, 0x11, 0x82, 0x21, 0x00, 0x00, 0x63}

// round sends what is not acknowledged, and waits.
func (s *Server) round(ctx context.Context, f *flight) error {
	for i, tpdu := range f.tpdus {
		if f.acked[i] {
			continue
		}
		if f.sent[i] {
			s.cfg.Network.Traffic.Again++
		}
		f.sent[i] = true
		arrivals, err := s.cfg.Network.Send(ctx, f.first+i, tpdu)
		if err != nil {
			return err
		}
		if s.take(f, arrivals); f.proof != nil {
			return nil
		}
	}
	arrivals, err := s.cfg.Network.Wait(ctx)
	if err == nil {
		s.take(f, arrivals)
	}
	return err
}

// again prepares the next round: the parts that are missing, or, when all are
// acknowledged and no proof has come, all of them. The reference stays, so that
// what the card has of them counts, unless the card refused a part.
// Spec: SPEC-OTA-004.
func (s *Server) again(f *flight) error {
	if f.refused {
		f.refused = false
		return s.cut(f)
	}
	if !slices.Contains(f.acked, false) {
		clear(f.acked)
	}
	return nil
}

// take looks at what has come. Reports of other packets, and proofs that are not
// this packet's, say nothing.
func (s *Server) take(f *flight, arrivals []Arrival) {
	for _, a := range arrivals {
		if a.Message < 0 {
			s.submitted(f, a.TPDU)
			continue
		}
		r, err := sms.DecodeDeliverReport(a.TPDU, a.Error)
		if err != nil {
			continue
		}
		if i := a.Message - f.first; i >= 0 && i < len(f.acked) {
			f.acked[i] = f.acked[i] || !a.Error
			f.refused = f.refused || a.Error
		}
		if r.HasUD && r.UDHI {
			s.proof(f, r.UD)
		}
	}
}

// submitted takes a message of the card, which may be a part of a proof.
func (s *Server) submitted(f *flight, tpdu []byte) {
	m, err := sms.DecodeSubmit(tpdu)
	if err != nil || !m.UDHI {
		return
	}
	// One card: all that it sends has one origin.
	if whole, done, err := s.inbox.Add(sms.Address{}, m.UD); err == nil && done {
		s.proof(f, whole)
	}
}

// proof takes user data that may be the proof of a packet. Spec: SPEC-OTA-006.
func (s *Server) proof(f *flight, ud []byte) {
	header, body, err := sms.DecodeUserData(ud)
	if err != nil || f.proof != nil || !header.Has(sms.IEIResponsePacket) {
		return
	}
	data, r, err := s.host.Open(nil, f.ticket, body)
	if err != nil || !r.Fresh {
		return
	}
	f.proof, f.data = &r, data
}
