// The same work as bench_rt, in Go; see ../bench.h for the output. Workers are
// GOMAXPROCS.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const benchTime = 300 * time.Millisecond

func print(measure string, number float64) {
	fmt.Printf("%s %.6f\n", measure, number)
}

func ns(start time.Time, count int) float64 {
	return float64(time.Since(start).Nanoseconds()) / float64(count)
}

func mutexAlone() float64 {
	const rounds = 5000000
	var mutex sync.Mutex
	start := time.Now()
	for i := 0; i < rounds; i++ {
		mutex.Lock()
		mutex.Unlock()
	}
	return ns(start, rounds)
}

func mutexContended(tasks, workers int) {
	var mutex sync.Mutex
	var group sync.WaitGroup
	var value uint64
	var begun int64
	var end time.Time
	shares := make([]uint64, tasks)
	runtime.GOMAXPROCS(workers)
	mutex.Lock()
	for i := 0; i < tasks; i++ {
		group.Add(1)
		go func(share *uint64) {
			atomic.AddInt64(&begun, 1)
			mutex.Lock()
			mutex.Unlock()
			for time.Now().Before(end) {
				for j := 0; j < 32; j++ {
					mutex.Lock()
					value++
					mutex.Unlock()
				}
				*share += 32
			}
			group.Done()
		}(&shares[i])
	}
	for atomic.LoadInt64(&begun) < int64(tasks) {
		runtime.Gosched()
	}
	end = time.Now().Add(benchTime)
	mutex.Unlock()
	group.Wait()
	least, most := shares[0], shares[0]
	for _, share := range shares {
		if share < least {
			least = share
		}
		if share > most {
			most = share
		}
	}
	name := fmt.Sprintf("%d_tasks_%d_workers", tasks, workers)
	print("mutex_"+name, float64(benchTime.Nanoseconds())/float64(value))
	print("share_"+name, float64(least)/float64(most))
}

func switches() float64 {
	const count = 2000000
	var group sync.WaitGroup
	group.Add(2)
	start := time.Now()
	for i := 0; i < 2; i++ {
		go func() {
			for j := 0; j < count/2; j++ {
				runtime.Gosched()
			}
			group.Done()
		}()
	}
	group.Wait()
	return ns(start, count)
}

func channel() float64 {
	const roundTrips = 1000000
	there, back := make(chan int, 1), make(chan int, 1)
	go func() {
		for value := range there {
			back <- value
		}
	}()
	start := time.Now()
	for i := 0; i < roundTrips; i++ {
		there <- i
		<-back
	}
	close(there)
	return ns(start, roundTrips)
}

func spawnJoin() float64 {
	const spawns, batch = 1000000, 1000
	start := time.Now()
	for i := 0; i < spawns/batch; i++ {
		var group sync.WaitGroup
		group.Add(batch)
		for j := 0; j < batch; j++ {
			go group.Done()
		}
		group.Wait()
	}
	return ns(start, spawns)
}

func resident() float64 {
	var total, pages float64
	file, err := os.Open("/proc/self/statm")
	if err != nil {
		return 0
	}
	defer file.Close()
	fmt.Fscan(file, &total, &pages)
	return pages * float64(os.Getpagesize())
}

func parked() float64 {
	const count = 100000
	gate := make(chan int)
	before := resident()
	for i := 0; i < count; i++ {
		go func() { <-gate }()
	}
	time.Sleep(100 * time.Millisecond)
	result := (resident() - before) / count
	close(gate)
	return result
}

func serve(stream net.Conn) {
	bytes := make([]byte, 64)
	for {
		count, err := stream.Read(bytes)
		if err != nil {
			break
		}
		if _, err = stream.Write(bytes[:count]); err != nil {
			break
		}
	}
	stream.Close()
}

func request(address string, end time.Time, requests *uint64) {
	stream, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	bytes := make([]byte, 64)
	count := uint64(0)
	for time.Now().Before(end) {
		if _, err = stream.Write(bytes); err != nil {
			panic(err)
		}
		if _, err = io.ReadFull(stream, bytes); err != nil {
			panic(err)
		}
		count++
	}
	atomic.AddUint64(requests, count)
	stream.Close()
}

func echo(workers int) float64 {
	const echoTime = time.Second
	var group sync.WaitGroup
	var requests uint64
	runtime.GOMAXPROCS(workers)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	end := time.Now().Add(echoTime)
	go func() {
		for i := 0; i < 100; i++ {
			if stream, err := listener.Accept(); err == nil {
				go serve(stream)
			}
		}
	}()
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func() {
			request(listener.Addr().String(), end, &requests)
			group.Done()
		}()
	}
	group.Wait()
	listener.Close()
	return float64(echoTime.Nanoseconds()) / float64(requests)
}

func main() {
	for workers := 1; workers <= 2; workers++ {
		runtime.GOMAXPROCS(workers)
		name := map[int]string{1: "_1_worker", 2: "_2_workers"}[workers]
		print("mutex_alone"+name, mutexAlone())
		for _, tasks := range []int{2, 100, 10000} {
			mutexContended(tasks, workers)
		}
		print("switch"+name, switches())
		print("channel"+name, channel())
		print("spawn_join"+name, spawnJoin())
		print(fmt.Sprintf("echo_%d_workers", workers), echo(workers))
	}
	runtime.GOMAXPROCS(1)
	print("parked_bytes", parked())
}
