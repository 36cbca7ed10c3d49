package inkan.basic;

import javacard.framework.Util;

/**
 * A file whose content is replaced as a whole. It has two slots: one counts, the
 * next content goes into the other, and one atomic update exchanges them
 * (IDCARD, SPEC-IDCARD-053). The slot that does not count is overwritten before
 * anything else is done, for which a mark stands in the record.
 */
final class Slots {
	// The record: which slot counts, whether the other has to be overwritten, length.
	private static final short AT_SLOT = 0;
	private static final short AT_DIRTY = 1;
	private static final short AT_LENGTH = 2;
	private static final short RECORD_SIZE = 4;

	private final short capacity;
	private final byte[] content;
	private final byte[] record;
	private final byte[] change;

	/** change is RAM of at least four bytes, lent for the update. */
	Slots(short capacity, byte[] change) {
		this.capacity = capacity;
		this.change = change;
		content = new byte[(short) (2 * capacity)];
		record = new byte[RECORD_SIZE];
	}

	short capacity() {
		return capacity;
	}

	/** Length of the content; 0: there is none. */
	short length() {
		return Util.getShort(record, AT_LENGTH);
	}

	/** The array with the content, which begins at offset. */
	byte[] bytes() {
		return content;
	}

	short offset() {
		return record[AT_SLOT] == 0 ? 0 : capacity;
	}

	private short other() {
		return record[AT_SLOT] == 0 ? capacity : 0;
	}

	/** Takes a part of the next content. */
	void put(short at, byte[] b, short offset, short n) {
		if (record[AT_DIRTY] == 0) {
			record[AT_DIRTY] = 1;
		}
		Util.arrayCopyNonAtomic(b, offset, content, (short) (other() + at), n);
	}

	/** Makes what was put the content, and overwrites the old one. */
	void exchange(short length) {
		change[AT_SLOT] = (byte) (1 - record[AT_SLOT]);
		change[AT_DIRTY] = 1;
		Util.setShort(change, AT_LENGTH, length);
		Util.arrayCopy(change, (short) 0, record, (short) 0, RECORD_SIZE);
		settle();
	}

	/** Overwrites what does not count, if there is something. Spec: SPEC-IDCARD-054. */
	void settle() {
		if (record[AT_DIRTY] != 0) {
			Util.arrayFillNonAtomic(content, other(), capacity, (byte) 0);
			record[AT_DIRTY] = 0;
		}
	}
}
