package overtheair

import (
	"context"
	"errors"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80/remote"
)

// maxDepth bounds recoveries within each other.
const maxDepth = 6

// send sends commands and, when the card has lost what they belong to or their
// answer is lost, finds out or does it again. Spec: SPEC-OTA-020 to SPEC-OTA-024.
func (l *Link) send(ctx context.Context, commands []apdu.Command) (apdu.Response, error) {
	r, err := l.script(ctx, commands)
	failed := failedINS(commands, err)
	switch {
	case errors.Is(err, ErrProcessed):
		return l.deeper(func() (apdu.Response, error) { return l.resolve(ctx, commands) }, r, err)
	case failed == gp.InsLoad && r.SW == iso7816.ConditionsNotSatisfied && len(l.load) > 0:
		return l.deeper(func() (apdu.Response, error) { return l.again(ctx, l.load) }, r, err)
	case failed == gp.InsStoreData && lostTarget(r.SW) && l.personal != nil:
		return l.deeper(func() (apdu.Response, error) { return l.personalAgain(ctx) }, r, err)
	}
	return r, err
}

// failedINS is the instruction of the command that a script ended with.
func failedINS(commands []apdu.Command, err error) byte {
	var held *HeldError
	if errors.As(err, &held) {
		return held.INS
	}
	return commands[len(commands)-1].INS
}

// lostTarget tells whether a status word can mean that STORE DATA went to the
// domain itself, which has forgotten whom it was for.
func lostTarget(sw iso7816.SW) bool {
	return sw == iso7816.ReferencedDataNotFound || sw == iso7816.WrongData || sw == iso7816.IncorrectP1P2 || sw == iso7816.ConditionsNotSatisfied
}

// deeper does a recovery, if there were not too many already; else the outcome is
// what it was without.
func (l *Link) deeper(do func() (apdu.Response, error), r apdu.Response, err error) (apdu.Response, error) {
	if l.depth == maxDepth {
		return r, err
	}
	l.depth++
	l.Recoveries++
	defer func() { l.depth-- }()
	return do()
}

// resolve finds out what became of commands whose answer is lost: it asks the
// registry, or sends again what may be sent twice.
// Spec: SPEC-OTA-020, SPEC-OTA-021, SPEC-OTA-022.
func (l *Link) resolve(ctx context.Context, commands []apdu.Command) (apdu.Response, error) {
	c := &commands[len(commands)-1]
	switch {
	case c.INS == gp.InsStoreData:
		return l.personalAgain(ctx)
	case c.INS == gp.InsLoad && c.P1&0x80 == 0:
		return apdu.Response{SW: iso7816.OK}, nil // the next one tells
	case c.INS == gp.InsLoad:
		i, err := gp.DecodeInstall(&l.load[0])
		if err != nil {
			return apdu.Response{}, err
		}
		return l.unless(ctx, gp.SubsetLoadFiles, i.LoadFile, true, l.load)
	case c.INS == gp.InsInstall && gp.InstallPurpose(c.P1) == gp.ForInstallAndMakeSelectable:
		i, err := gp.DecodeInstall(c)
		if err != nil {
			return apdu.Response{}, err
		}
		return l.unless(ctx, gp.SubsetApplications, i.Application, true, commands)
	case c.INS == gp.InsDelete:
		d, err := gp.DecodeDelete(c)
		if err != nil {
			return apdu.Response{}, err
		}
		subset := gp.SubsetApplications
		if d.Related {
			subset = gp.SubsetLoadFiles
		}
		return l.unless(ctx, subset, d.AID, false, commands)
	case repeatable(c):
		return l.send(ctx, commands)
	}
	return apdu.Response{}, ErrProcessed
}

// repeatable tells whether a command may be executed twice.
func repeatable(c *apdu.Command) bool {
	return c.INS == gp.InsGetData || c.INS == gp.InsGetStatus ||
		c.INS == gp.InsInstall && (c.P1 == byte(gp.ForLoad) || c.P1 == byte(gp.ForPersonalization))
}

// unless sends commands unless the registry is as they make it: with an entry, or
// without it.
func (l *Link) unless(ctx context.Context, subset gp.Subset, aid gp.AID, there bool, commands []apdu.Command) (apdu.Response, error) {
	q, err := gp.GetStatus{Subset: subset, AID: aid.Append(nil)}.APDU(nil)
	if err != nil {
		return apdu.Response{}, err
	}
	q.Data = append([]byte(nil), q.Data...)
	r, err := l.send(ctx, []apdu.Command{q})
	switch {
	case err != nil:
		return r, err
	case r.SW != iso7816.OK && r.SW != iso7816.ReferencedDataNotFound:
		return r, r.SW
	case (r.SW == iso7816.OK) == there:
		l.Unanswered++
		return apdu.Response{SW: iso7816.OK}, nil
	}
	return l.again(ctx, commands)
}

// again sends commands that may be too many for one packet. When the answer of a
// packet before the last one is lost, the next one tells.
func (l *Link) again(ctx context.Context, commands []apdu.Command) (apdu.Response, error) {
	for rest := commands; ; {
		n, size := 0, 0
		for n < len(rest) && (n == 0 || size+l.cfg.Format.CommandBytes(&rest[n]) <= l.room-remote.FrameBytes) {
			size += l.cfg.Format.CommandBytes(&rest[n])
			n++
		}
		r, err := l.script(ctx, rest[:n])
		failed := failedINS(rest[:n], err)
		rest = rest[n:]
		processed := errors.Is(err, ErrProcessed)
		switch {
		case processed && len(rest) == 0:
			return l.deeper(func() (apdu.Response, error) { return l.resolve(ctx, commands) }, r, err)
		case failed == gp.InsLoad && r.SW == iso7816.ConditionsNotSatisfied:
			return l.deeper(func() (apdu.Response, error) { return l.again(ctx, commands) }, r, err)
		case err != nil && !processed, len(rest) == 0, !processed && r.SW != iso7816.OK:
			return r, err
		}
	}
}

// personalAgain sends the STORE DATA again that have not been answered, which may
// be, behind the command that names the application: a card that has lost its power
// has forgotten it. Spec: SPEC-OTA-023, SPEC-OTA-036.
func (l *Link) personalAgain(ctx context.Context) (apdu.Response, error) {
	l.renumber()
	var commands []apdu.Command
	if l.personal != nil {
		commands = append(commands, *l.personal)
	}
	return l.again(ctx, append(commands, l.group...))
}

// renumber begins a new sequence of blocks with those that were not answered.
func (l *Link) renumber() {
	for i := range l.group {
		l.group[i].P2 = byte(i)
	}
	l.stored = byte(len(l.group))
}
