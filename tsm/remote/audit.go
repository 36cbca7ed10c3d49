package remote

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/keys"
)

// subject is what the registry is asked about a command: an entry, in a subset.
func (r *Run) subject(index int) (q gp.GetStatus, aid gp.AID, err error) {
	s := &r.steps[index]
	q.Subset = gp.SubsetApplications
	switch s.kind {
	case deletes:
		d, err := gp.DecodeDelete(&s.apdu)
		if err != nil {
			return q, aid, err
		}
		if aid = d.AID; d.Related {
			q.Subset = gp.SubsetLoadFiles
		}
	case loadEnd:
		i, err := gp.DecodeInstall(&r.steps[s.first].apdu)
		if err != nil {
			return q, aid, err
		}
		aid, q.Subset = i.LoadFile, gp.SubsetLoadFiles
	default:
		i, err := gp.DecodeInstall(&s.apdu)
		if err != nil {
			return q, aid, err
		}
		aid = i.Application
	}
	q.AID = aid.Append(nil)
	return q, aid, nil
}

// question asks what became of a command, or behind the last one for an answer with a
// MAC. Spec: SPEC-SCRIPTS-030, SPEC-SCRIPTS-035, SPEC-SCRIPTS-045.
func (r *Run) question(index int) (apdu.Command, error) {
	if index == len(r.steps) || r.steps[index].kind == puts {
		return gp.GetData{Tag: gp.TagKeyInformation}.APDU(nil)
	}
	q, _, err := r.subject(index)
	if err != nil {
		return apdu.Command{}, err
	}
	return q.APDU(nil)
}

// judge takes the answer to the question what became of a command.
// Spec: SPEC-SCRIPTS-030, SPEC-SCRIPTS-035.
func (r *Run) judge(f *flight, answer []byte) {
	response, err := apdu.DecodeResponse(answer)
	done, said := false, false
	if err == nil {
		done, said = r.verdict(f.from, response)
	}
	switch s := &r.steps[f.from]; {
	case f.put > 0 || said && done:
		for r.next <= f.from {
			r.executed(okAnswer)
		}
	case !said:
		r.setback(Outcome{State: Interrupted, Index: r.next})
	default:
		r.back(s.first)
		r.unknown = r.next
	}
}

// verdict is what an answer says: whether the command was done, if it says so.
func (r *Run) verdict(index int, response apdu.Response) (done, said bool) {
	absent := response.SW == iso7816.ReferencedDataNotFound
	if r.steps[index].kind == puts {
		if absent {
			return false, true
		}
		list, err := gp.DecodeKeyInformation(response.Data)
		return err == nil && r.there(index, list), err == nil && response.SW == iso7816.OK
	}
	q, aid, err := r.subject(index)
	if err != nil {
		return false, false
	}
	found := false
	if !absent {
		entries := gp.NewStatusReader(&q, response.Data)
		for e := new(gp.Entry); entries.Next(e); {
			found = found || e.AID == aid
		}
		if entries.Err() != nil || response.SW != iso7816.OK && !found {
			return false, false
		}
	}
	return found == (r.steps[index].kind != deletes), true
}

// there tells whether a domain's keys are as PUT KEY makes them.
func (r *Run) there(index int, list []gp.KeyInformation) bool {
	put := r.commands[index].Put
	found, old := 0, false
	for _, k := range list {
		old = old || put.Replaced != 0 && k.KeyVersion == put.Replaced
		if k.KeyVersion == put.Keys.Version && k.KeyID >= byte(keys.IDEnc) && k.KeyID <= byte(keys.IDDEK) {
			found++
		}
	}
	return found == 3 && !old
}
