package inkan.jpki;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What the application remembers apart from the content itself. The persistent
 * record is small and changes in transactions; content (keys, certificates) is
 * too big for one, so it is written outside and counts by its bit in the record
 * only.
 *
 * An item has two bits. USED is set before its first byte is written, LIVE when
 * its last one is and the transaction ends that makes it valid. What is used and
 * not live is rubbish, of a command that the power left or of something that is
 * removed: Wiper destroys it before anything else is done. So a removal is one
 * transaction that clears LIVE bits, however much there is to overwrite.
 */
final class State {
	// Phases (JPKI-AP, parties and notation).
	static final byte EMPTY = 0x00;
	static final byte ORDERED = 0x01;
	static final byte ACTIVE = 0x03;
	static final byte SUSPENDED = 0x07;

	// Items. The low byte is statement 09's content; SIGN's are AUTH's << 4.
	static final short KEY = 0x0001;
	static final short CERTIFICATE = 0x0002;
	static final short END = 0x0004;
	static final short CODE = 0x0008;
	static final short CONTENT = 0x00FF;
	static final short AUTH_PIN = 0x0100;
	static final short AUTH_CA = 0x0400;
	static final short CA = 0x0C00;
	static final short WRAP_0 = 0x1000;
	static final short WRAP = 0x7000;
	/** The GlobalPlatform life cycle does not follow the phase yet: never live. */
	static final short LIFE_CYCLE = (short) 0x8000;

	// The persistent record.
	private static final short AT_LIVE = 0;
	private static final short AT_USED = 2;
	private static final short AT_PHASE = 4;
	private static final short AT_PURPOSE = 5;
	private static final short AT_ORDER = 6;
	private static final short AT_ISSUE = 7;
	private static final short AT_SEQUENCE = 8;
	private static final short AT_TYPE = 9;
	private static final short AT_MAC = 10;
	private static final short AT_COUNTER = 26;
	private static final short SIZE = 30;

	// What a reset forgets: indexes in the registers.
	/** Current EF. */
	static final short EF = 0;
	/** Contactless state under policy 00. */
	static final short CONTACTLESS = 1;
	/** Bytes of the last answer. */
	static final short ANSWER = 2;
	/** P2 of the next block, 0 when no sequence is open; and what it was before the present block. */
	static final short NEXT = 3;
	static final short EXPECTED = 4;
	/** Header bytes of the data group that have come; its identifier, length, and value bytes that have come. */
	static final short HEADER = 5;
	static final short DGI = 6;
	static final short LENGTH = 7;
	static final short COUNT = 8;
	/** 1 while a session may be open that the application opened itself. */
	static final short SESSION = 9;
	private static final short REGISTERS = 10;

	/** Registers, by the indexes above. */
	final short[] ram;
	private final byte[] record;
	private final byte[] change;

	/** work is the RAM that Crypto lends for a changed pair of masks. */
	State(byte[] work) {
		ram = JCSystem.makeTransientShortArray(REGISTERS, JCSystem.CLEAR_ON_RESET);
		change = work;
		record = new byte[SIZE];
		record[AT_ORDER] = Orders.NONE;
		record[AT_ISSUE] = Orders.NONE;
	}

	/** An item's bit for a role: KEY to CODE only. */
	static short of(short item, byte role) {
		return role == Role.AUTH ? item : (short) (item << 4);
	}

	/** Whether all of these items are valid. */
	boolean has(short items) {
		return (short) (live() & items) == items;
	}

	short live() {
		return Util.getShort(record, AT_LIVE);
	}

	/** What is to be destroyed. */
	short stale() {
		return (short) (Util.getShort(record, AT_USED) & ~live());
	}

	/** Sets and clears LIVE bits; what was live stays used. Atomic, also in an open transaction. */
	void mark(short set, short clear) {
		put((short) ((short) (live() & ~clear) | set), (short) (Util.getShort(record, AT_USED) | set));
	}

	/** Items are about to be written: they are used and not live. Atomic. */
	void touch(short items) {
		put((short) (live() & ~items), (short) (Util.getShort(record, AT_USED) | items));
	}

	/** The GlobalPlatform life cycle has to follow the phase. Atomic. */
	void needLifeCycle() {
		put(live(), (short) (Util.getShort(record, AT_USED) | LIFE_CYCLE));
	}

	/** The stale items were destroyed. Atomic. */
	void clean() {
		put(live(), live());
	}

	private void put(short live, short used) {
		Util.setShort(change, Crypto.MASKS, live);
		Util.setShort(change, (short) (Crypto.MASKS + 2), used);
		Util.arrayCopy(change, Crypto.MASKS, record, AT_LIVE, (short) 4);
	}

	byte phase() {
		return record[AT_PHASE];
	}

	void setPhase(byte phase) {
		record[AT_PHASE] = phase;
	}

	/** Whether content counts for the terminal: phases ACTIVE and SUSPENDED. */
	boolean issued() {
		return record[AT_PHASE] == ACTIVE || record[AT_PHASE] == SUSPENDED;
	}

	/** Purpose of the open order; 0: none is open. */
	byte purpose() {
		return record[AT_PURPOSE];
	}

	/** Ends the open order: with its wrap keys no envelope can be read any more. Within a transaction. */
	void closeOrder() {
		record[AT_PURPOSE] = 0;
		mark((short) 0, WRAP);
	}

	/** Slot of the last order, and of the issue; Orders.NONE before the first. */
	byte order() {
		return record[AT_ORDER];
	}

	byte issue() {
		return record[AT_ISSUE];
	}

	/** A new order is open. Within a transaction. Spec: SPEC-PERSO-024, SPEC-PERSO-026. */
	void openOrder(byte slot, byte purpose, byte[] counter, short offset) {
		Util.arrayCopy(counter, offset, record, AT_COUNTER, (short) 4);
		record[AT_PURPOSE] = purpose;
		record[AT_ORDER] = slot;
		record[AT_SEQUENCE] = 0;
		record[AT_TYPE] = 0;
	}

	/** The open order is the issue. Within a transaction. */
	void setIssue() {
		record[AT_ISSUE] = record[AT_ORDER];
	}

	/** Copies the highest counter and returns the offset behind it. */
	short counter(byte[] b, short offset) {
		return Util.arrayCopyNonAtomic(record, AT_COUNTER, b, offset, (short) 4);
	}

	/** Whether a counter is above the highest one. */
	boolean isHigher(byte[] b, short offset) {
		for (short i = 0; i < 4; i++) {
			short given = (short) (b[(short) (offset + i)] & 0xFF);
			short highest = (short) (record[(short) (AT_COUNTER + i)] & 0xFF);
			if (given != highest) {
				return given > highest;
			}
		}
		return false;
	}

	/** Sequence of the last envelope; 0: none came with the last order. */
	short sequence() {
		return (short) (record[AT_SEQUENCE] & 0xFF);
	}

	/** Whether an envelope (sequence, type; MAC) is the last one again. Spec: SPEC-PERSO-042. */
	boolean isLast(byte[] b, short offset, short mac) {
		return record[AT_TYPE] != 0 && b[offset] == record[AT_SEQUENCE] && b[(short) (offset + 1)] == record[AT_TYPE]
				&& Util.arrayCompare(b, mac, record, AT_MAC, (short) 16) == 0;
	}

	/** An envelope was executed. Within a transaction. Spec: SPEC-PERSO-046. */
	void setLast(byte[] b, short offset, short mac) {
		Util.arrayCopy(b, offset, record, AT_SEQUENCE, (short) 2);
		Util.arrayCopy(b, mac, record, AT_MAC, (short) 16);
	}

	/** No envelope is the last one again: after an erasure. Within a transaction. */
	void forgetLast() {
		record[AT_TYPE] = 0;
	}
}
