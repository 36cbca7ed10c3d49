package inkan.jpki;

import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;

/**
 * What is kept of orders, with their wrap keys. Three slots, because a new one
 * is written while the last one and the are valid: a transaction then
 * changes which is which.
 */
final class Orders {
	/** No slot: before the first order. */
	static final byte NONE = -1;
	private static final byte SLOTS = 3;

	// A slot.
	static final short ID = 0;
	static final short ID_SIZE = 16;
	static final short HASH = 16;
	static final short HASH_SIZE = 32;
	static final short COUNTER = 48;
	static final short ORIGIN = 52;
	static final short ROLES = 53;
	static final short POINT = 54;
	static final short POINT_SIZE = 65;
	static final short CHALLENGE = 119;
	static final short CHALLENGE_SIZE = 16;
	/** CA key version and CA point. */
	static final short CA = 135;
	static final short CA_SIZE = 66;
	private static final short SLOT_SIZE = 201;

	/** All slots; at() says where one begins. */
	final byte[] slots;
	private final AESKey[] encryption;
	private final AESKey[] mac;

	Orders() {
		slots = new byte[(short) (SLOTS * SLOT_SIZE)];
		encryption = new AESKey[SLOTS];
		mac = new AESKey[SLOTS];
		for (byte i = 0; i < SLOTS; i++) {
			encryption[i] = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_256, false);
			mac[i] = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_256, false);
		}
	}

	/** Offset of a field of a slot. */
	static short at(byte slot, short field) {
		return (short) ((short) (slot * SLOT_SIZE) + field);
	}

	/** A slot that is neither of two. */
	static byte free(byte a, byte b) {
		byte slot = 0;
		while (slot == a || slot == b) {
			slot++;
		}
		return slot;
	}

	/** The item of State that a slot's wrap keys are. */
	static short wrap(byte slot) {
		return (short) (State.WRAP_0 << slot);
	}

	/** Kenc of a slot. */
	AESKey encryption(byte slot) {
		return encryption[slot];
	}

	/** Kmac of a slot. */
	AESKey mac(byte slot) {
		return mac[slot];
	}

	/** Sets both wrap keys from 64 bytes. */
	void setWrap(byte slot, byte[] b, short offset) {
		encryption[slot].setKey(b, offset);
		mac[slot].setKey(b, (short) (offset + 32));
	}

	/** Destroys both wrap keys. */
	void clearWrap(byte slot) {
		encryption[slot].clearKey();
		mac[slot].clearKey();
	}

	/** Whether an order's identifier is that of a slot; NONE has none. */
	boolean isID(byte slot, byte[] b, short offset) {
		return slot != NONE && Util.arrayCompare(slots, at(slot, ID), b, offset, ID_SIZE) == 0;
	}

	/** Whether a CA key version and point are those of a slot. */
	boolean isCA(byte slot, byte[] b, short offset) {
		return Util.arrayCompare(slots, at(slot, CA), b, offset, CA_SIZE) == 0;
	}

	/** Whether a role is in a slot's set. */
	boolean hasRole(byte slot, byte role) {
		return (slots[at(slot, ROLES)] & Role.bit(role)) != 0;
	}
}
