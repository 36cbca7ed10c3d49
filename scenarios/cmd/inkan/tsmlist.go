package main

import (
	"fmt"
	"io"
	"time"

	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// listing writes rows of a tenant, one a line, cells divided by tabs.
type listing func(*store.Snapshot, io.Writer) error

var listings = map[string]listing{
	"services":  listServices,
	"workflows": listWorkflows,
	"sims":      listSIMs,
	"messages":  listMessages,
	"aside":     listAside,
	"audit":     listAudit,
}

func listServices(s *store.Snapshot, w io.Writer) error {
	return store.Services.Scan(s, func(x *row.Service) error {
		_, err := fmt.Fprintf(w, "%v\t%s\tSIM %v\t%v\tdomain %v\tsince %s\n", x.Reference, x.Name, x.SE, x.State, x.Domain, day(x.Since))
		return err
	})
}

func listWorkflows(s *store.Snapshot, w io.Writer) error {
	return store.Workflows.Scan(s, func(x *row.Workflow) error {
		due := ""
		if x.State.Live() {
			due = "due " + day(x.Next)
		}
		_, err := fmt.Fprintf(w, "%v\t%s\t%v\tstep %d\tattempt %d\t%s%s\n", x.ID, x.Kind, x.State, x.Step, x.Attempts, due, x.Failure)
		return err
	})
}

func listSIMs(s *store.Snapshot, w io.Writer) error {
	return store.SIMs.Scan(s, func(x *row.SIM) error {
		_, err := fmt.Fprintf(w, "%v\tICCID %s\t%s\tcounter %d\t%d keys of its own\n", x.SE, x.ICCID, x.Profile, x.Counter, len(x.Keys))
		return err
	})
}

func listMessages(s *store.Snapshot, w io.Writer) error {
	return store.Messages.Scan(s, func(x *row.Message) error {
		_, err := fmt.Fprintf(w, "%s %d\tcall %v\t%d bytes\tattempt %d\tnext %s\n", x.Key.Destination, x.Key.Number, x.Call, len(x.Bytes), x.Attempts, day(x.Next))
		return err
	})
}

func listAudit(s *store.Snapshot, w io.Writer) error {
	for n := uint64(1); ; n++ {
		e, found, err := store.Entry(s, n)
		if err != nil || !found {
			return err
		}
		refused := ""
		if e.Refused != "" {
			refused = "refused: " + e.Refused
		}
		if _, err := fmt.Fprintf(w, "%d\t%s\t%s\tby %s\tanswers %s\t%d exhibits\t%s\n", e.Number, day(e.At), e.Event, e.Actor, e.Responsible, len(e.Exhibits), refused); err != nil {
			return err
		}
	}
}

func day(t time.Time) string { return t.UTC().Format(time.RFC3339) }
