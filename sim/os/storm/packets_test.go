package storm_test

import (
	"inkan/core/apdu"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/sms"
	"inkan/core/uicc"
)

// server sends packets under one set of keys.
type server struct {
	host  *scp80.Host
	value uint64
}

// Load implements scp80.Counter.
func (s *server) Load() uint64 { return s.value }

// Store implements scp80.Counter.
func (s *server) Store(v uint64) error { s.value = v; return nil }

const fullSPI = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

func newServer(set *scp.KeySet, algorithm scp80.Algorithm, spi scp80.SPI) (*server, error) {
	s := new(server)
	k, err := scp80.NewKeySet(scp80.KeySetConfig{Version: set.Version, KIc: scp80.Key{Algorithm: algorithm, Value: set.Enc},
		KID: scp80.Key{Algorithm: algorithm, Value: set.MAC}, Counter: s})
	if err != nil {
		return nil, err
	}
	s.host, err = scp80.NewHost(scp80.HostConfig{SPI: spi, Cipher: k, Integrity: k})
	return s, err
}

// server is that of one of the two sets of keys, in this episode.
func (e *episode) server() *server {
	n := e.r.IntN(2)
	if e.servers[n] == nil {
		set, algorithm := &e.ota, scp80.AES
		if n == 1 {
			set, algorithm = &e.ota3, scp80.TDES2
		}
		spi := fullSPI
		if e.r.IntN(4) == 0 {
			spi = scp80.CC | scp80.CounterHigher | scp80.PoR | scp80.PoRCC
		}
		s, err := newServer(set, algorithm, spi)
		if err != nil {
			e.fail("server: %v", err)
		}
		e.servers[n] = s
	}
	return e.servers[n]
}

var targets = []scp80.TAR{scp80.TARIssuerSD, scp80.TARIssuerSD, scp80.TARIssuerSDRAM, scp80.TARFilesUICC, scp80.TARFilesUSIMADF, {0x51, 0x50, 0xAA}, {1, 2, 3}}

// overTheAir sends a sequence in scripts that a card has room for.
func (e *episode) overTheAir() {
	tar := pick(e.r, targets)
	commands := e.commandsFor(tar)
	for len(commands) > 0 {
		n, size := 0, 0
		for n < len(commands) && (n == 0 || size+len(commands[n]) < 600) {
			size += len(commands[n]) + 4
			n++
		}
		e.sendPacket(tar, commands[:n])
		commands = commands[n:]
	}
}

// sendPacket sends a script in ENVELOPE, in as many messages as it takes.
func (e *episode) sendPacket(tar scp80.TAR, commands [][]byte) {
	script := e.script(commands)
	if e.r.IntN(8) == 0 && len(script) > 0 {
		script = mutateOnce(e.r, script)
	}
	s := e.server()
	packet, ticket, err := s.host.Seal(nil, tar, script)
	if err != nil {
		return
	}
	if e.r.IntN(8) == 0 {
		packet = mutateOnce(e.r, packet)
	}
	e.scripts++
	out := e.deliver(packet)
	if len(out) <= 2 {
		return
	}
	h, body, err := sms.DecodeUserData(out[:len(out)-2])
	if err != nil || !h.Has(sms.IEIResponsePacket) {
		return
	}
	if data, _, err := s.host.Open(nil, ticket, body); err == nil {
		e.scan(script, data)
	}
}

func (e *episode) commandsFor(tar scp80.TAR) (commands [][]byte) {
	all := management
	if tar == scp80.TARFilesUICC || tar == scp80.TARFilesUSIMADF {
		all = []sequence{files, fileUpdates, filePINs}
	}
	for _, cmd := range pick(e.r, all)(e.r, nil) {
		cmd = e.altered(cmd)
		e.watch.sent(cmd)
		commands = append(commands, cmd)
		if len(cmd) > 1 && cmd[1] == 0xE8 {
			e.loaded = true
		}
	}
	return commands
}

// script is the commands in the compact or the expanded format.
func (e *episode) script(commands [][]byte) []byte {
	if e.r.IntN(2) == 0 {
		var b []byte
		for _, cmd := range commands {
			c, err := apdu.DecodeCommand(cmd)
			if err != nil {
				b = append(b, cmd...)
			} else if longer, err := remote.AppendCompact(b, &c); err == nil {
				b = longer
			}
		}
		return b
	}
	var s remote.Script
	b := s.Begin(nil, remote.Form(e.r.IntN(2)))
	for _, cmd := range commands {
		b = s.Command(b, cmd)
	}
	return s.End(b)
}

// deliver brings a packet in messages; the answer is that to the last.
func (e *episode) deliver(packet []byte) (out []byte) {
	split, err := sms.NewSplitter(packet, sms.IEICommandPacket, uint16(e.r.IntN(256)), false, sms.MaxUserData)
	if err != nil {
		return nil
	}
	from, err := sms.NewAddress(sms.TypeInternational, "819099990000")
	if err != nil {
		e.fail("address: %v", err)
	}
	for i := range split.Parts() {
		d := sms.NewCommandDeliver(from, [7]byte{}, split.Append(nil, i))
		tpdu, err := d.Append(nil)
		if err != nil {
			return nil
		}
		download := sms.Download{Address: []byte{0x91, 0x18, 0x09}, TPDU: tpdu}
		a, err := uicc.Envelope{Data: download.Append(nil)}.APDU(nil)
		if err != nil {
			return nil
		}
		raw, err := a.Append(nil)
		if err != nil {
			return nil
		}
		if e.r.IntN(40) == 0 {
			e.send(mutate(e.r, raw))
			continue
		}
		e.packets++
		if out, err = e.edge.Transmit(ctx, raw, nil); err != nil {
			return nil
		}
	}
	return out
}
