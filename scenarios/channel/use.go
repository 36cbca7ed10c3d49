package channel

import (
	"context"

	"inkan/core/gp"
	"inkan/core/scp"
)

// useAndAttack sends a command each way through an open channel, then replays
// the last one as an attacker on the wire would.
func (e *Exchange) useAndAttack(ctx context.Context, pipe *domain, host scp.Host, macBytes int, encryptedResponse bool) error {
	record := []byte{0x00, 0x70, 0x05, 'i', 'n', 'k', 'a', 'n'}
	store := append([]byte{gp.ClassGlobalPlatform, gp.InsStoreData, 0x88, 0x00, byte(len(record))}, record...)
	if _, err := e.send(ctx, pipe, host, "STORE DATA", store, macBytes, false); err != nil {
		return err
	}
	get := []byte{gp.ClassGlobalPlatform, gp.InsGetData, 0x00, 0x70, 0x00}
	last, err := e.send(ctx, pipe, host, "GET DATA", get, macBytes, encryptedResponse)
	if err != nil {
		return err
	}
	e.add(Attack, "GET DATA again, recorded from the line", Field{Bytes: last, Meaning: "the very same bytes"})
	answer, _ := pipe.Transmit(ctx, last, nil)
	e.add(FromCard, "refused: the MAC chain has moved on; the session is over", cut(answer, part{2, "status word: security status not satisfied"})...)
	return nil
}

// send shows one protected command and its response; it returns the command as
// it was on the line.
func (e *Exchange) send(ctx context.Context, pipe *domain, host scp.Host, name string, plain []byte, macBytes int, encrypted bool) ([]byte, error) {
	wire, err := host.Wrap(nil, plain)
	if err != nil {
		return nil, err
	}
	fields := append(cut(plain, part{-1, "plain, inside the host"}), protected(wire, macBytes, "data, encrypted")...)
	e.add(ToCard, name, fields...)
	answer, _ := pipe.Transmit(ctx, wire, nil)
	open, err := host.Unwrap(nil, answer)
	if err != nil {
		return nil, err
	}
	data := len(answer) - 2
	var parts []part
	if host.Level()&scp.RMAC != 0 && data >= macBytes {
		if n := data - macBytes; n > 0 {
			parts = append(parts, part{n, map[bool]string{true: "data, encrypted", false: "data"}[encrypted]})
		}
		parts = append(parts, part{macBytes, "R-MAC"})
	} else if data > 0 {
		parts = append(parts, part{data, "data"})
	}
	fields = cut(answer, append(parts, part{2, "status word"})...)
	e.add(FromCard, name+" response", append(fields, cut(open, part{-1, "plain, inside the host"})...)...)
	return wire, nil
}
