// Package crl makes, keeps and serves certificate revocation lists: one for each
// municipality and generation of an authority, and the list of an authority's own
// certificates (CA list, ARL). A list is written as a stream whose memory does
// not depend on its length.
//
// It must not know certificates beyond their serial numbers, or any registry but
// by status.Registry. It implements spec/STATUS.md §Revocation lists.
package crl
