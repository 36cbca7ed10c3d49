// accepted
package inkan.lang.generic;

public class Case {
    interface Maker<T> { T make(); }

    static class Box<T> implements Maker<T> {
        private final T content;
        Box(T content) { this.content = content; }
        public T make() { return content; }
    }

    static final class Bytes extends Box<byte[]> {
        Bytes() { super(new byte[2]); }
        public byte[] make() { return super.make(); }
    }

    static short size() {
        Box<byte[]> b = new Bytes();
        Maker<short[]> m = new Box<short[]>(new short[3]);
        return (short) (b.make().length + m.make().length);
    }
}
