package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"runtime/pprof"
)

// recording is where the processors' time of what is measured goes; nil: nobody asked.
var recording *cpuProfile

var errNothingRecorded = errors.New("nothing of what was measured is recorded: only what is called in rounds, and downloads")

// recorded runs something that is measured, and records it where that is asked for.
func recorded(f func() error) error {
	if recording == nil {
		return f()
	}
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		return err
	}
	err := f()
	pprof.StopCPUProfile()
	return errors.Join(err, recording.add(b.Bytes()))
}

// recordedRounds is perCall of an operation, recorded.
func recordedRounds(f func(), n int) (nanos float64, err error) {
	err = recorded(func() error { nanos = perCall(f, n); return nil })
	return nanos, err
}

// write writes the profile as Go's compiler reads it.
func (p *cpuProfile) write(name string) error {
	if len(p.samples) == 0 {
		return errNothingRecorded
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(p.append(nil)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}

// unzipped is a profile's message.
func unzipped(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
