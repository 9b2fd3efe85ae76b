/* What the compiled twins share: the engine's classes and how to reach their slots.

   The twins work on the very objects that the pure engine has: instances of Python classes with
   __slots__.  Such a slot lies at a fixed place in its object, which the class's own descriptor
   knows; it is asked once, and then a slot is one load or store.  So there is one engine, whose
   hottest functions exist twice, and each twin may leave what is rare to the pure function.

   Laws: before a slot is touched its object is known to be an instance of the slot's class; what
   is used after Python code may have run is held by a reference of one's own; a slot is written
   before the old value is let go; nothing between two calls of Python code gives up the lock. */

#ifndef AIRSSYS_SPEED_H
#define AIRSSYS_SPEED_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* ------------------------------------------------------------------ slots */

/* class -> its slots that the twins touch; the names are those of the Python sources */
#define CELL_SLOTS(X)                                                                             \
    X(cell, actor) X(cell, box) X(cell, find) X(cell, first) X(cell, handled)                     \
    X(cell, incarnation) X(cell, life) X(cell, msg) X(cell, name) X(cell, outcome)                \
    X(cell, parent) X(cell, plain) X(cell, recipe) X(cell, rich) X(cell, scheduler)               \
    X(cell, spec) X(cell, start_error) X(cell, state) X(cell, suspension) X(cell, waiting)
#define SCHEDULER_SLOTS(X)                                                                        \
    X(scheduler, actors) X(scheduler, asked) X(scheduler, asker) X(scheduler, awake)              \
    X(scheduler, context) X(scheduler, credit) X(scheduler, current) X(scheduler, guarded)        \
    X(scheduler, hasty) X(scheduler, lane)                                                        \
    X(scheduler, here) X(scheduler, home) X(scheduler, inbox) X(scheduler, inline)                \
    X(scheduler, limits) X(scheduler, made) X(scheduler, observed) X(scheduler, open)             \
    X(scheduler, port) X(scheduler, push) X(scheduler, quiet) X(scheduler, ready)                 \
    X(scheduler, serial)                                                                          \
    X(scheduler, slice) X(scheduler, slice_end) X(scheduler, slicing) X(scheduler, suspension)
#define OTHER_SLOTS(X)                                                                            \
    X(ref, _cell) X(inbox, _actions) X(more, children) X(state, coro) X(state, find)              \
    X(protocol, plain_init) X(protocol, plain_maker) X(protocol, plain_start)
#define ALL_SLOTS(X) CELL_SLOTS(X) SCHEDULER_SLOTS(X) OTHER_SLOTS(X)

#define FIELD(kind, slot) Py_ssize_t kind##_##slot;
typedef struct {
    ALL_SLOTS(FIELD)
} Offsets;
#undef FIELD

/* ------------------------------------------------------------------ what is known of the engine */

typedef struct {
    int ready; /* all below is filled in */
    Offsets at;
    /* classes */
    PyTypeObject *cell, *scheduler, *ref, *inbox, *more, *state, *protocol;
    PyTypeObject *deque, *call, *later, *reply_to;
    /* marks, compared by identity */
    PyObject *empty, *start, *no_handler, *no_children, *default_spec;
    PyObject *new_, *starting, *running;
    PyObject *dunder_cell, *dunder_init, *dunder_protocol;
    /* functions of C, called without the detour of a Python call */
    PyCFunction deque_append, deque_popleft, perf_counter;
    PyObject *time;
    PyMethodDef *dict_get;
    /* where what is rare is left to; attributes are looked up at each call */
    PyObject *steps, *starting_module, *scheduler_module, *stash_module;
    PyObject *check_arguments, *object_new;
    /* the functions whose twins these are */
    PyObject *pure_tell, *pure_run_slice, *pure_turn, *pure_spawn, *pure_start;
    PyObject *not_now; /* what ask_now gives when the pure ask must do it */
} Speed;

extern Speed S;

/* Fill S in, at the first call of a twin: all modules have been imported by then. */
int speed_load(void);
#define LOADED() (S.ready || speed_load() == 0)

#define SLOT(object, slot) (*(PyObject **)((char *)(object) + S.at.slot))
#define IS(object, type) PyObject_TypeCheck((PyObject *)(object), S.type)
/* Whole, too: the constructor sets the one slot last, the garbage collector empties the other first
   (and nobody deletes a slot). */
#define IS_CELL(object)                                                                           \
    (IS(object, cell) && SLOT(object, cell_start_error) != NULL && SLOT(object, cell_actor) != NULL)
#define IS_SCHEDULER(object)                                                                      \
    (IS(object, scheduler) && SLOT(object, scheduler_quiet) != NULL                               \
     && SLOT(object, scheduler_actors) != NULL)

/* Put a value into a slot, then let the old one go. */
static inline void
put(PyObject **slot, PyObject *value)
{
    PyObject *old = *slot;
    *slot = Py_NewRef(value);
    Py_XDECREF(old);
}
#define PUT(object, slot, value) put(&SLOT(object, slot), value)

/* ------------------------------------------------------------------ small steps */

/* The handler for a message; a reference of the caller's own, NULL with an error. */
static inline PyObject *
find_handler(PyObject *cell, PyObject *msg)
{
    /* held: a class's own comparison, or a probe in its place, may replace it */
    PyObject *find = Py_NewRef(SLOT(cell, cell_find)), *kind = (PyObject *)Py_TYPE(msg), *found;
    if (PyCFunction_CheckExact(find) && ((PyCFunctionObject *)find)->m_ml == S.dict_get
        && PyDict_CheckExact(PyCFunction_GET_SELF(find))) {
        found = PyDict_GetItemWithError(PyCFunction_GET_SELF(find), kind);
        if (found != NULL || !PyErr_Occurred()) {
            found = Py_NewRef(found != NULL ? found : Py_None);
        }
    }
    else {
        found = PyObject_CallOneArg(find, kind);
    }
    Py_DECREF(find);
    return found;
}

/* handler(cell.actor, msg) */
static inline PyObject *
handle(PyObject *handler, PyObject *actor, PyObject *msg)
{
    PyObject *arguments[3] = {NULL, actor, msg};
    return PyObject_Vectorcall(
        handler, arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

/* Add to a count that a slot holds. */
static inline int
count(PyObject **slot, long by)
{
    long value = PyLong_AsLong(*slot);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    PyObject *sum = PyLong_FromLong(value + by);
    if (sum == NULL) {
        return -1;
    }
    Py_SETREF(*slot, sum);
    return 0;
}
#define COUNT(object, slot, by) count(&SLOT(object, slot), by)

static inline int
push_back(PyObject *deque, PyObject *item)
{
    PyObject *done = S.deque_append(deque, item);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* Seconds of the clock of time slices; -1 with an error. */
double speed_clock(void);
/* The exception now raised, taken; and raised again, its reference given away. */
PyObject *speed_raised(void);
void speed_raise(PyObject *error);
/* Call owner.name(a, b, error) with the exception now raised as the one being handled. */
PyObject *speed_with_error(PyObject *owner, const char *name, PyObject *a, PyObject *b);
/* steps.fault(cell, item, the exception now raised) */
int speed_fault(PyObject *cell, PyObject *item);
/* self.name(a), or self.name(a, b): 0, or -1 with an error */
int speed_call(PyObject *self, const char *name, PyObject *a, PyObject *b);
/* steps.name(cell, value): 1, 0, or -1 with an error */
int speed_step(const char *name, PyObject *cell, PyObject *value);
/* Whether the engine's thread is the present one, by its own question; -1 with an error. */
int speed_at_home(PyObject *scheduler);
/* cell.rest() */
int speed_rest(PyObject *cell);
/* Handle messages of a cell that has a queue of them, `left` and one more at most: how many they
   were, or -1 with an error. */
long speed_turn_cell(PyObject *scheduler, PyObject *cell, long left);
/* starting.start(cell) */
int speed_start(PyObject *cell);

/* ------------------------------------------------------------------ the twins */

PyObject *speed_tell(PyObject *self, PyObject *msg);
PyObject *speed_run_slice(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names);
PyObject *speed_turn(PyObject *self, PyObject *const *args, Py_ssize_t n);
PyObject *speed_ask_now(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *speed_spawn(PyObject *module, PyObject *const *args, Py_ssize_t n, PyObject *names);
PyObject *speed_start_twin(PyObject *module, PyObject *cell);

#endif
