// accepted
package inkan.lang.inner;

public class Case {
    private short hidden = 3;
    private static byte shared;

    class In {
        private short own = hidden;
        short both() { return (short) (own + hidden++ + shared); }
    }

    static class Nested {
        private byte[] cells = new byte[3];
        private static short count(Nested n) { return (short) n.cells.length; }
    }

    interface Shape { short area(); }

    Shape square(final short side) {
        class Local implements Shape {
            public short area() { return (short) (side * side + hidden); }
        }
        return side > 3 ? new Local() : new Shape() { public short area() { return side; } };
    }

    short all() {
        shared -= 2;
        return (short) (new In().both() + Nested.count(new Nested()) + square((short) 2).area());
    }
}
